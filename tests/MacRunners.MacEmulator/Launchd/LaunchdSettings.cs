namespace MacRunners.MacEmulator.Launchd;

/// <summary>How tests bend the emulated launchd, since it has no machine of its own.</summary>
internal sealed record LaunchdSettings
{
    /// <summary>Factor of every <c>ThrottleInterval</c>.</summary>
    public double ThrottleScale { get; set; } = 1;

    /// <summary>Arguments added to those of every service.</summary>
    public IReadOnlyList<string> Arguments { get; set; } = [];

    /// <summary>Variables added to those of every service.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; set; } = new Dictionary<string, string>();

    /// <summary>Ports of property lists → ports of this host, where the former may be somebody else's.</summary>
    public IReadOnlyDictionary<string, int> Ports { get; set; } = new Dictionary<string, int>();
}
