using MacRunners.Accounts;
using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Teardown;
using MacRunners.Telemetry;

namespace MacRunners.Tests.Jobs;

public sealed class CanaryTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_program_runs_as_the_account_in_its_home_without_a_token_and_nothing_is_left()
    {
        await using var machine = new JobMachine("echo \"$(id -u) $PWD ${BUILDKITE_AGENT_TOKEN-none}\" > \"${0%/*}/said\"");
        File.Create(machine["said"]).Dispose();
        File.SetUnixFileMode(machine["said"], (UnixFileMode)0b110_110_110);

        Assert.Equal(new CanaryEnd(SelfTestResult.Passed), await machine.Get<ICanary>().RunAsync(Cancel));

        var name = Assert.Single(machine.Accounts.Deleted);
        Assert.Equal($"{machine.Get<AccountRange>().First} {machine["homes"]}/{name} none\n", await File.ReadAllTextAsync(machine["said"], Cancel));
        Assert.Empty(machine.Leftovers());
        Assert.Empty(Directory.EnumerateFileSystemEntries(machine["logs/jobs"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(machine["run/output"]));
    }

    [Fact]
    public async Task It_is_journaled_like_a_job_that_nobody_reserved()
    {
        await using var machine = new JobMachine();

        await machine.Get<ICanary>().RunAsync(Cancel);

        var entries = File.ReadLines(machine.JournalPath).Select(line => JournalLine.TryRead(line, out var entry) ? entry : null).OfType<JobEntry>().ToList();
        Assert.Equal(
            [typeof(AccountCreating), typeof(AccountCreated), typeof(StepStarting), typeof(StepDone)], entries.Select(entry => entry.GetType()).Distinct());
        Assert.Equal(JobStage.Clean, Assert.IsType<StepDone>(entries[^1]).Stage);
        Assert.Empty(machine.Journal.OpenJobs());
    }

    [Fact]
    public async Task A_program_that_does_not_run_there_fails_it_with_what_it_said()
    {
        await using var machine = new JobMachine("echo 'no such library'; exit 4");

        var end = await machine.Get<ICanary>().RunAsync(Cancel);

        Assert.Equal(SelfTestResult.Failed, end!.Result);
        Assert.Contains("(exit code 4): no such library", end.Why, StringComparison.Ordinal);
        Assert.Empty(machine.Leftovers());
        Assert.Empty(Directory.EnumerateFileSystemEntries(machine["logs/jobs"]));
    }

    [Fact]
    public async Task An_account_that_cannot_be_made_fails_it_and_is_torn_down_all_the_same()
    {
        await using var machine = new JobMachine();
        machine.Accounts.NoCreation = "no more accounts";

        Assert.Equal(new CanaryEnd(SelfTestResult.Failed, "no more accounts"), await machine.Get<ICanary>().RunAsync(Cancel));

        Assert.Single(machine.Accounts.Deleted);
        Assert.Empty(machine.Journal.OpenJobs());
    }

    [Fact]
    public async Task An_account_that_cannot_be_removed_makes_the_machine_dirty_as_always()
    {
        await using var machine = new JobMachine();
        machine.Accounts.Refusal = "Full Disk Access is missing";

        var end = await machine.Get<ICanary>().RunAsync(Cancel);

        Assert.Equal(SelfTestResult.Dirty, end!.Result);
        Assert.Contains("Full Disk Access is missing", end.Why, StringComparison.Ordinal);
        Assert.Contains("Full Disk Access is missing", machine.Get<DirtyState>().Reason, StringComparison.Ordinal);
        Assert.Null(await machine.Get<ICanary>().RunAsync(Cancel));
    }

    [Fact]
    public async Task What_can_be_seen_without_it_is_not_tried_out()
    {
        await using var machine = new JobMachine();
        File.Delete(machine.AgentPath);

        Assert.Null(await machine.Get<ICanary>().RunAsync(Cancel));

        Assert.Equal(0u, machine.Journal.NextUid);
    }

    [Fact]
    public async Task A_stop_in_the_middle_leaves_nothing()
    {
        await using var machine = new JobMachine("echo > \"$TMPDIR/begun\"; exec sleep 600");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var running = machine.Get<ICanary>().RunAsync(stop.Token);
        while (!Directory.EnumerateFiles(machine["homes"], "begun", SearchOption.AllDirectories).Any())
        {
            Assert.False(running.IsCompleted);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel);
        }

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Empty(machine.Leftovers());
        Assert.Empty(machine.Journal.OpenJobs());
    }
}
