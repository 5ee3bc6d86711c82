using System.Diagnostics;
using MacRunners.FaultyDaemon;
using MacRunners.Jobs.Journal;

namespace MacRunners.EndToEnd;

/// <summary>A journal that is damaged, foreign or in use: the daemon believes no more of it than is true, or leaves everything alone.</summary>
public abstract class JournalScenarios(string platform)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nothing", 0)]
    [InlineData("the end of the last line", 1)]
    [InlineData("the last line", 0)]
    public async Task What_a_crash_can_tear_off_the_journal_costs_the_running_job_nothing(string missing, int damaged)
    {
        await using var worker = await Worker.StartAsync(platform);
        var job = await RunningAsync(worker);
        await worker.KillAsync();
        var lines = await File.ReadAllLinesAsync(worker.JournalPath, Cancel);
        await File.WriteAllTextAsync(
            worker.JournalPath,
            string.Join('\n', lines[..^1]) + missing switch
            {
                "nothing" => $"\n{lines[^1]}\n",
                "the last line" => "\n",
                _ => $"\n{lines[^1][..^7]}",
            },
            Cancel);

        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.LoggedAsync($"Job {job.Id} goes on");
        job.Release();

        await job.PassedOnceAsync();
        Assert.Equal(damaged, worker.ConsoleText().Split('\n').Count(line => line.Contains("is damaged and was skipped", StringComparison.Ordinal)));
        await IsAsBeforeAsync(worker);
    }

    [Theory]
    [InlineData("accountCreating")]
    [InlineData("agentStarted")]
    [InlineData("every line but the header")]
    [InlineData("the whole file")]
    public async Task A_journal_that_the_disk_has_damaged_leaves_nothing_behind_on_the_machine(string damaged)
    {
        await using var worker = await Worker.StartAsync(platform);
        var job = await RunningAsync(worker);
        await worker.KillAsync();
        var number = worker.OpenJobs().Single().Account!.Id;
        Damage(worker, damaged);

        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.UntilAsync(() => worker.Machine.Leftovers().Count == 0, "nothing of the job is left");

        // The account is found without the journal, so the job cannot go on; what the journal still knows is told truthfully.
        Assert.Contains("is damaged and was skipped", worker.ConsoleText(), StringComparison.Ordinal);
        if (damaged is "accountCreating" or "agentStarted")
        {
            _ = await worker.EndedAsync(job.Id);
            Assert.Equal("Lost", worker.Machine.Report(job.Id)!["outcome"]!.GetValue<string>());
        }

        await IsAsBeforeAsync(worker);
        Assert.True(Worker.Number(worker.Machine.Report(worker.Buildkite.ViewJobs()[^1].Id)!["uid"]) > number, "a number was given twice");
    }

    [Fact]
    public async Task A_damaged_line_that_others_make_up_for_costs_nothing()
    {
        await using var worker = await Worker.StartAsync(platform);
        var job = await RunningAsync(worker);
        await worker.KillAsync();
        Damage(worker, "accountCreated");

        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.LoggedAsync($"Job {job.Id} goes on");
        job.Release();

        await job.PassedOnceAsync();
        await IsAsBeforeAsync(worker);
    }

    [Fact]
    public async Task A_journal_of_a_newer_version_is_refused_and_nothing_is_touched()
    {
        await using var worker = await Worker.StartAsync(platform);
        var job = await RunningAsync(worker);
        await worker.KillAsync();
        var sound = await File.ReadAllBytesAsync(worker.JournalPath, Cancel);
        var newer = JournalLine.Write(new JournalHeader(DateTimeOffset.UnixEpoch, JournalFile.FormatVersion + 1, "boot", 0)) + "\n";
        await File.WriteAllTextAsync(worker.JournalPath, newer, Cancel);
        var asked = worker.Machine.Buildkite.Requests.All().Count(request => request.Path.Contains("/stacks", StringComparison.Ordinal));

        Assert.False(await worker.Machine.TryStartDaemonAsync(Cancel));
        Assert.Equal(1, await worker.Machine.WaitForDaemonAsync(Cancel));

        var said = worker.ConsoleText().TrimEnd().Split('\n')[^1];
        Assert.StartsWith($"macrunners: the journal has format {JournalFile.FormatVersion + 1}", said, StringComparison.Ordinal);
        Assert.Contains("install the newer macrunners again", said, StringComparison.Ordinal);
        Assert.Equal(newer, await File.ReadAllTextAsync(worker.JournalPath, Cancel));
        Assert.Equal(asked, worker.Machine.Buildkite.Requests.All().Count(request => request.Path.Contains("/stacks", StringComparison.Ordinal)));
        Assert.True(worker.AgentLives(job.Id));

        // With the journal it knows it goes on as if nothing had been.
        await File.WriteAllBytesAsync(worker.JournalPath, sound, Cancel);
        await worker.Machine.StartDaemonAsync(Cancel);
        job.Release();
        await job.PassedOnceAsync();
        await IsAsBeforeAsync(worker);
    }

    [Fact]
    public async Task A_second_daemon_on_the_same_state_folder_is_refused_and_the_first_is_not_disturbed()
    {
        await using var worker = await Worker.StartAsync(platform);
        var job = await RunningAsync(worker);
        var before = await File.ReadAllBytesAsync(worker.JournalPath, Cancel);

        // The port of the first would be reason enough, so it gets one of its own.
        using var second = Process.Start(new ProcessStartInfo(
            worker.Machine.DaemonProgram, ["run", "--config", worker.Machine.ConfigFile, "--set", "Http:Port=0"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var output = second.StandardOutput.ReadToEndAsync(Cancel);
        var said = await second.StandardError.ReadToEndAsync(Cancel);
        _ = await output;
        await second.WaitForExitAsync(Cancel);

        Assert.Equal(69, second.ExitCode);
        Assert.Contains("is another macrunners running on the same Paths:State?", said, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(worker.JournalPath, Cancel));
        Assert.True(worker.AgentLives(job.Id));
        job.Release();
        await job.PassedOnceAsync();
        await IsAsBeforeAsync(worker);
    }

    private static async Task<PatientJob> RunningAsync(Worker worker)
    {
        var job = PatientJob.Queue(worker);
        await job.RunsAsync();
        await worker.UntilAsync(() => worker.Journal().OfType<AgentAcquired>().Any(), "the daemon knows that the agent has the job");
        return job;
    }

    private static void Damage(Worker worker, string which) => File.WriteAllLines(
        worker.JournalPath, File.ReadAllLines(worker.JournalPath).Select(line => IsHit(line, which) ? Scramble(line) : line).ToList());

    private static bool IsHit(string line, string damaged) => damaged switch
    {
        "the whole file" => true,
        "every line but the header" => !JournalLine.TryRead(line, out var entry) || entry is not JournalHeader,
        _ => JournalLine.TryRead(line, out var entry) && JournalPoint.KindOf(entry) == damaged,
    };

    // As long as before, and no line end in it.
    private static string Scramble(string line) => string.Concat(line.Select(c => (char)(c ^ 1)));

    private static async Task IsAsBeforeAsync(Worker worker)
    {
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        await worker.UntilAsync(() => worker.OpenJobs().Count == 0, "no job is open in the journal");
        await worker.IsCleanAsync();
    }
}

/// <summary>Real accounts of the host.</summary>
public class JournalOnLinux() : JournalScenarios("linux");

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class JournalOnMacOS() : JournalScenarios("macos");
