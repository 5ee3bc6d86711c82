namespace MacRunners.EndToEnd;

/// <summary>What launchd and systemd do for the daemon: start it again, and hold its sockets meanwhile.</summary>
internal static class ServiceManager
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "service-manager.py");

    /// <summary>Starts it again.</summary>
    public static IReadOnlyList<string> Plain { get; } = ["/usr/bin/python3", Script, "free"];

    /// <summary>Also holds its sockets, by systemd's protocol.</summary>
    public static IReadOnlyList<string> HoldingSockets { get; } = ["/usr/bin/python3", Script, "held"];
}
