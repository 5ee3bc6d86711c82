using System.Diagnostics;
using System.Globalization;
using MacRunners.Simulator.Soak.Schedules;
using MacRunners.Simulator.Trial;

namespace MacRunners.EndToEnd;

/// <summary>Whatever macOS's tools do wrong, and whenever: a job ends with a clean machine, or with one that says what is left. The long version is in <c>make soak</c>.</summary>
[Trait("platform", "macos")]
[Collection(AloneCollection.Name)]
public class FaultScheduleScenarios
{
    private const int Schedules = 20;
    private const int FirstSeed = 20261126;

    [Fact]
    public async Task Every_schedule_of_faults_ends_with_a_clean_machine_or_one_that_says_what_is_left()
    {
        using UidBlock uids = UidBlock.Take(), more = UidBlock.Take();
        await using var text = new StringWriter(CultureInfo.InvariantCulture);
        var output = TextWriter.Synchronized(text);
        var run = new FaultSchedulesRun(new FaultSchedulesOptions(Schedules, FirstSeed, [Trial(uids), Trial(more)]), output);

        var failed = await run.RunAsync(TestContext.Current.CancellationToken);

        Assert.True(failed.Count == 0, text.ToString());

        // Else the faults were too weak to show anything.
        Assert.InRange(run.DirtyEnds, 1, Schedules - 1);

        static TrialOptions Trial(UidBlock uids) => new() { Programs = Published.Programs, Emulator = Published.Emulator, UidMin = uids.First };
    }

    [Fact]
    public async Task A_record_of_a_job_that_nobody_accounts_for_fails_a_schedule()
    {
        await using var worker = await Worker.StartAsync("macos");
        await worker.ReadyAsync();
        var name = $"bk-{Guid.NewGuid()}";
        await DsclAsync("-create", $"/Users/{name}");
        var run = new FaultScheduleRun(worker.Machine, new FaultSchedule(0, [], [], EndsByRestart: false), TimeSpan.FromSeconds(3));

        var failure = await Assert.ThrowsAsync<ScheduleFailedException>(() => run.RunAsync(TestContext.Current.CancellationToken));

        Assert.Contains(name, failure.Message, StringComparison.Ordinal);

        async Task DsclAsync(params string[] command)
        {
            using var dscl = Process.Start($"{worker.Machine.EmulatorRoot}/usr/bin/dscl", [".", .. command]);
            await dscl.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, dscl.ExitCode);
        }
    }
}
