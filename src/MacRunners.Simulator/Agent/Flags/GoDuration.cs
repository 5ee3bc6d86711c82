using System.Text.RegularExpressions;

namespace MacRunners.Simulator.Agent.Flags;

/// <summary>Durations as the agent writes them: <c>10s</c>, <c>1h30m</c>, <c>250ms</c>.</summary>
internal static partial class GoDuration
{
    public static bool IsValid(string text) => text == "0" || Shape().IsMatch(text);

    [GeneratedRegex(@"^[-+]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$")]
    private static partial Regex Shape();
}
