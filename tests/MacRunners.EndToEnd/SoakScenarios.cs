using System.Globalization;
using MacRunners.Simulator.Soak;
using MacRunners.Simulator.Trial;

namespace MacRunners.EndToEnd;

/// <summary>Nothing accumulates: accounts, processes, homes, files, descriptors, memory. The long version is <c>make soak</c>.</summary>
[Collection(AloneCollection.Name)]
public abstract class SoakScenarios(string platform, int jobs)
{
    private const int Slots = 4;
    private const int Seed = 20261124;

    [Fact]
    public async Task After_many_mixed_jobs_failing_calls_and_a_killed_daemon_the_machine_is_as_before()
    {
        using var uids = UidBlock.Take();
        var trial = new TrialOptions
        {
            Programs = Published.Programs,
            Emulator = platform == "macos" ? Published.Emulator : null,
            UidMin = uids.First,
        };
        await using var output = new StringWriter(CultureInfo.InvariantCulture);

        var good = await new SoakRun(new SoakOptions(jobs, Slots, Seed, trial), output).RunAsync(TestContext.Current.CancellationToken);

        Assert.True(good, output.ToString());
    }
}

/// <summary>Real accounts of the host.</summary>
public class SoakOnLinux() : SoakScenarios("linux", jobs: 50);

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class SoakOnMacOS() : SoakScenarios("macos", jobs: 24);
