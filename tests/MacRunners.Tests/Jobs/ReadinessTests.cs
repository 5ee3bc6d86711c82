using MacRunners.Accounts;
using MacRunners.Health;
using MacRunners.Jobs;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace MacRunners.Tests.Jobs;

public sealed class ReadinessTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_directory_service_does_not_answer_no_job_may_be_taken()
    {
        await using var machine = new JobMachine();
        Assert.Null(await machine.Get<Readiness>().WhyNotAsync(Cancel));
        machine.Accounts.BeforeDeletion = () => throw new AccountDirectoryException("silence", inner: new ToolException("silence", isTimeout: true));
        for (var call = 0; call < GuardedAccounts.MostUnanswered; call++)
        {
            await Assert.ThrowsAsync<AccountDirectoryException>(() => machine.Get<IAccountDirectory>().DeleteAsync("bk-1", Cancel));
        }

        Assert.Contains("has not answered since", await machine.Get<Readiness>().WhyNotAsync(Cancel), StringComparison.Ordinal);

        machine.Accounts.BeforeDeletion = null;
        await machine.Get<IAccountDirectory>().DeleteAsync("bk-1", Cancel);
        Assert.Null(await machine.Get<Readiness>().WhyNotAsync(Cancel));
    }

    [Fact]
    public async Task While_the_network_fence_does_not_stand_no_job_may_be_taken()
    {
        await using var machine = new JobMachine();
        machine.Fence.Problem.Returns("a rule is missing");
        machine.Fence.Remedy.Returns("Put it back.");

        Assert.Equal("a rule is missing. Put it back.", await machine.Get<Readiness>().WhyNotAsync(Cancel));
    }

    [Fact]
    public async Task While_the_system_remembers_too_much_of_accounts_no_job_may_be_taken_and_the_machine_asks_to_be_replaced()
    {
        await using var machine = new JobMachine();
        var (system, growth) = (Substitute.For<ISystemGrowth>(), machine.Get<GrowthWatch>());
        machine.Platform.Growth = system;
        var retire = new RetireState(machine.Get<JobAccounts>(), growth);
        system.LookAsync(machine["homes"], Cancel).Returns(new SystemGrowth(4_000_000, false, []), new SystemGrowth(1, false, []));

        _ = await growth.LookAsync(Cancel);
        Assert.Contains("sfltool resetbtm", await machine.Get<Readiness>().WhyNotAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains("background tasks has 3906 KiB", retire.Reason, StringComparison.Ordinal);

        _ = await growth.LookAsync(Cancel);
        Assert.Null(await machine.Get<Readiness>().WhyNotAsync(Cancel));
        Assert.Null(retire.Reason);
    }

    [Fact]
    public async Task While_too_much_waits_in_the_trash_no_job_may_be_taken()
    {
        await using var machine = new JobMachine();
        machine.Get<IOptions<TeardownOptions>>().Value.MaxTrashEntries = 1;
        var trash = Path.Combine(machine["state"], Trash.FolderName);
        Directory.CreateDirectory(Path.Combine(trash, "one"));
        Assert.Null(await machine.Get<Readiness>().WhyNotAsync(Cancel));

        Directory.CreateDirectory(Path.Combine(trash, "two"));
        Assert.Contains("more than 1 entries (Teardown:MaxTrashEntries)", await machine.Get<Readiness>().WhyNotAsync(Cancel), StringComparison.Ordinal);

        machine.Get<Trash>().Empty([], Cancel);
        Assert.Null(await machine.Get<Readiness>().WhyNotAsync(Cancel));
    }

    [Fact]
    public async Task While_the_disk_cannot_be_looked_at_no_job_may_be_taken_and_nothing_fails()
    {
        await using var machine = new JobMachine();
        Directory.Move(machine["homes"], machine["away"]);

        Assert.Contains("cannot be looked at: ", await machine.Get<Readiness>().WhyNotAsync(Cancel), StringComparison.Ordinal);
        Assert.Null(await machine.Get<ICanary>().RunAsync(Cancel));

        Directory.Move(machine["away"], machine["homes"]);
        Assert.Null(await machine.Get<Readiness>().WhyNotAsync(Cancel));
    }
}
