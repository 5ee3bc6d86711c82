using System.Text.Json.Nodes;

namespace MacRunners.Simulator.Orka;

/// <summary>What a command over SSH answered.</summary>
internal sealed record SshAnswer(int ExitCode, string Output, string Error);

/// <summary>What <c>macrunners image verify --json</c> says on a simulated VM.</summary>
internal static class SimulatedVerification
{
    private static readonly string[] Probes = ["basic-commands", "node", "bun", "llvm", "cmake", "buildkite-agent", "build-tools", "health", "selftest"];

    /// <summary>Runs the one command that a simulated VM knows.</summary>
    public static SshAnswer Answer(IReadOnlyList<string> command, IReadOnlyList<string> failing)
    {
        var words = string.Join(' ', command).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not [.., "image", "verify", "--json"])
        {
            return new SshAnswer(127, "", $"zsh:1: command not found: {string.Join(' ', command)}\n");
        }

        var probes = new JsonArray([.. Probes.Concat(failing.Except(Probes)).Select(name => (JsonNode)new JsonObject
        {
            ["name"] = name,
            ["passed"] = !failing.Contains(name),
            ["status"] = failing.Contains(name) ? "failed" : "ok",
            ["seconds"] = 0.1,
            ["detail"] = failing.Contains(name) ? "expected 1.2.17, found 1.2.16" : "as expected",
        })]);
        var report = new JsonObject { ["ok"] = probes.Count - failing.Count, ["failed"] = failing.Count, ["skipped"] = 0, ["probes"] = probes };
        return new SshAnswer(failing.Count == 0 ? 0 : 1, report.ToJsonString() + "\n", "");
    }
}
