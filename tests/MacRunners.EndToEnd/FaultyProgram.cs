namespace MacRunners.EndToEnd;

/// <summary>The daemon with faults at its composition root, as the build left it. What can be asked of it: <see cref="FaultyDaemon.FaultPlan"/>.</summary>
internal static class FaultyProgram
{
    // From its own folder, which holds the link to the runtime, not from beside the tests.
    public static string Path { get; } = System.IO.Path.Combine(
        AppContext.BaseDirectory.Replace("MacRunners.EndToEnd", "MacRunners.FaultyDaemon", StringComparison.Ordinal), "macrunners-faulty");
}
