using System.Text.Json.Nodes;
using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Soak.Schedules;

/// <summary>Something that macOS's tools are known to do wrong.</summary>
/// <param name="Name">For people.</param>
/// <param name="Weight">How often it comes, relative to the others.</param>
/// <param name="Rule">The emulator's rule, given what chooses its extent and the first number of the machine's accounts.</param>
internal sealed record MacFaultKind(string Name, int Weight, Func<Random, int, JsonObject> Rule)
{
    private const int MostDelayMs = 1500;
    private const int MostLagMs = 4000;

    // More than the daemon repeats a spurious failure.
    private const int MostFlakes = 14;
    private const int MostKills = 4;

    // More than all schedules of a machine use up.
    private const int Numbers = 3000;

    private static readonly string[] Noise =
    [
        "objc[4711]: Class AMSupportURLSession is implemented in both /usr/lib/libauthinstall.dylib (0x1f5b6a2b8) and /System/Library/PrivateFrameworks/MobileDevice.framework/Versions/A/MobileDevice (0x10a5c82c8). One of the two will be used. Which one is undefined.",
        "2026-11-26 10:47:05.123 dscl[4711:65536] <main> attribute status: eDSPermissionError is not what happened here",
    ];

    // Null: every command of the tool.
    private static readonly string?[] Verbs = [null, null, "create", "delete", "list", "read", "search"];
    private static readonly string[] Tools = ["dscl", "dscl", "dscl", "dscacheutil", "launchctl"];

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<MacFaultKind> All { get; } =
    [
        new("delay", 3, (random, _) => With(AnyTool(random), "delay_ms", 1 + random.Next(MostDelayMs))),
        new("lookup lag", 3, (random, _) => With(EmulatedMac.Rule("dscl"), "lookup_lag_ms", 1 + random.Next(MostLagMs))),
        new("no Full Disk Access", 3, (_, _) => With(EmulatedMac.Rule("dscl"), "tcc_denied", true)),
        new("140, not applied", 3, (random, _) => With(Dscl(random), "flake140", 1 + random.Next(MostFlakes))),
        new("140, but applied", 3, (random, _) => With(Dscl(random), "flake140_applied", 1 + random.Next(MostFlakes))),
        new("killed before its work", 3, (random, _) => With(AnyTool(random), "sigkill", 1 + random.Next(MostKills))),
        new("killed after its work", 3, (random, _) => With(AnyTool(random), "sigkill_applied", 1 + random.Next(MostKills))),
        new("hangs", 2, (random, _) => With(AnyTool(random), "hang", true)),
        new("numbers in use", 2, (random, first) => With(EmulatedMac.Rule("dscl"), "uid_taken", Taken(random, first))),
        new("noise on standard error", 1, (random, _) => With(EmulatedMac.Rule(null), "stderr_noise", new JsonArray([.. Noise.Take(1 + random.Next(Noise.Length)).Select(line => JsonValue.Create(line))]))),
    ];

    private static JsonObject AnyTool(Random random)
    {
        var tool = Tools[random.Next(Tools.Length)];
        return tool == "dscl" ? Dscl(random) : EmulatedMac.Rule(tool);
    }

    private static JsonObject Dscl(Random random) => EmulatedMac.Rule("dscl", Verbs[random.Next(Verbs.Length)]);

    private static JsonObject With(JsonObject rule, string key, JsonNode value)
    {
        rule[key] = value;
        return rule;
    }

    private static JsonArray Taken(Random random, int first)
    {
        var share = 0.2 + (0.7 * random.NextDouble());
        return [.. Enumerable.Range(first, Numbers).Where(_ => random.NextDouble() < share).Select(number => (JsonNode)JsonValue.Create(number))];
    }
}
