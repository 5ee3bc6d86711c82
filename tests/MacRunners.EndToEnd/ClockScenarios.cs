using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace MacRunners.EndToEnd;

/// <summary>Somebody sets the wall clock while the daemon works: nothing it measures is affected.</summary>
public abstract class ClockScenarios(string platform)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_day_more_or_less_on_the_wall_clock_changes_nothing(int days)
    {
        await using var worker = await Worker.InstallAsync(platform, new Dictionary<string, string> { ["Health:RefreshInterval"] = "00:00:00.1" }, faulty: true);
        var clock = Path.Combine(worker.Machine.Folder, "clock");
        var goOn = Path.Combine(worker.Machine.Folder, "go-on");
        Set(clock, TimeSpan.Zero);
        await worker.StartFaultyAsync(("FAULT_CLOCK", clock), ("FAULT_HOLD", $"after:accountCreated:1:{goOn}"));
        _ = await worker.HealthIsAsync("healthy");
        var saidBefore = worker.ConsoleText().Length;

        // Idle.
        Set(clock, TimeSpan.FromDays(days));
        await PollsOnAsync(worker);

        // While an account is made for a job.
        var job = PatientJob.Queue(worker);
        await worker.LoggedAsync("held at after:accountCreated:1");
        Set(clock, TimeSpan.FromDays(2 * days));
        await File.WriteAllTextAsync(goOn, "", Cancel);

        // While it runs.
        await job.RunsAsync();
        Set(clock, TimeSpan.FromDays(3 * days));
        await PollsOnAsync(worker);
        await worker.StateAsync(job.Id, "running");
        job.Release();
        await job.PassedOnceAsync();

        // And back again.
        Set(clock, TimeSpan.Zero);
        await PollsOnAsync(worker);
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(Cancel));
        Assert.Empty(worker.Machine.Leftovers());

        Assert.DoesNotContain("Health: ", worker.ConsoleText()[saidBefore..], StringComparison.Ordinal);
        Assert.All(
            Directory.EnumerateFiles(worker.Machine.Logs, "macrunners-*.json").SelectMany(File.ReadLines), line => Assert.NotNull(JsonNode.Parse(line)));
        Assert.Equal(
            [0, days, 2 * days, 3 * days],
            worker.Journal().Select(entry => (int)Math.Round((entry.At - TimeProvider.System.GetUtcNow()).TotalDays)).Distinct().OrderBy(Math.Abs));
    }

    /// <summary>Until it has polled again and again, <c>/health</c> is looked at all the time.</summary>
    private static async Task PollsOnAsync(Worker worker)
    {
        var polls = Polls(worker);
        await worker.UntilAsync(
            async () =>
            {
                var (status, body) = await worker.HealthAsync();
                Assert.Equal(HttpStatusCode.OK, status);
                Assert.Equal("healthy", body["status"]!.GetValue<string>());
                return Polls(worker) >= polls + 4;
            },
            "it polls on",
            TimeSpan.FromMinutes(1));
    }

    private static int Polls(Worker worker) => worker.Machine.Buildkite.Requests.All("/scheduled-jobs").Length;

    // Swapped in, so that the daemon never reads half of it.
    private static void Set(string clock, TimeSpan shift)
    {
        File.WriteAllText(clock + ".next", shift.ToString("c", CultureInfo.InvariantCulture));
        File.Move(clock + ".next", clock, overwrite: true);
    }
}

/// <summary>Real accounts of the host.</summary>
public class ClockOnLinux() : ClockScenarios("linux");

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class ClockOnMacOS() : ClockScenarios("macos");
