namespace MacRunners.Simulator.Agent.Flags;

/// <summary>Where job API sockets go unless told otherwise.</summary>
internal static class SocketsPath
{
    public static string Default() => Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home
        ? Path.Combine(home, ".buildkite-agent", "sockets")
        : Path.Combine(Path.GetTempPath(), "buildkite-sockets");
}
