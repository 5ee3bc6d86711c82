namespace MacRunners.EndToEnd;

/// <summary>A machine for many tests, one after another, which can also start the daemon with faults; no daemon runs before a test, and none must behind it.</summary>
public sealed class TestBench : SharedWorker
{
    private static readonly Dictionary<string, string> Quick = new()
    {
        ["Buildkite:PollInterval"] = "00:00:00.2",
        ["Jobs:StateCheckInterval"] = "00:00:00.3",
    };

    private protected override Task<Worker> MakeAsync(string platform) => Worker.InstallAsync(platform, Quick, faulty: true);
}
