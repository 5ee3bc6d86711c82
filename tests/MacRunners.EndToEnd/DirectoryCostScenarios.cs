using MacRunners.MacEmulator.Faults;
using MacRunners.Simulator.Bench.Parts;
using MacRunners.Simulator.Trial;

namespace MacRunners.EndToEnd;

/// <summary>Each run of macOS's directory tools costs up to 100 ms there, whatever it costs over the emulator: so they are counted.</summary>
[Trait("platform", "macos")]
public class DirectoryCostScenarios
{
    // The health check's own runs are among those of a job now and then.
    private const int Jobs = 5;

    [Fact]
    public async Task A_normal_job_takes_few_runs_of_the_directory_tools_and_one_that_has_to_be_repeated_counts()
    {
        await using var worker = await Worker.StartAsync("macos");
        var mac = new EmulatedMac(worker.Machine.EmulatorRoot);
        _ = await worker.RunAsync("true");

        var normal = await MedianAsync(() => { });

        Assert.InRange(normal, 1, MacCost.MostCalls);

        var control = new EmulatorControl(worker.Machine.EmulatorRoot);
        var repeated = await MedianAsync(() => control.Inject(new FaultRule { Tool = "dscl", Verb = "delete", Flake140 = 1 }));

        // Looks at the directory that no job asks for come in between.
        Assert.InRange(repeated, normal + 1, normal + MacCost.MostCalls);

        async Task<int> MedianAsync(Action before)
        {
            var calls = new List<int>();
            while (calls.Count < Jobs)
            {
                before();
                var earlier = mac.CountCalls(EmulatedMac.DirectoryTools);
                var (job, report) = await worker.RunAsync("true");
                calls.Add(mac.CountCalls(EmulatedMac.DirectoryTools) - earlier);
                Assert.Equal(0, job.ExitStatus);
                Assert.True(report["clean"]!.GetValue<bool>());
            }

            calls.Sort();
            return calls[Jobs / 2];
        }
    }
}
