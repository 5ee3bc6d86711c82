namespace MacRunners.Simulator.Trial;

/// <summary>What a trial machine is made of.</summary>
internal sealed record TrialOptions
{
    /// <summary>Folder with the published programs <c>macrunners</c> and <c>macrunners-sim</c>.</summary>
    public required string Programs { get; init; }

    /// <summary>Folder with <c>mac-emulator</c> and <c>libSystem.dylib</c>: run the macOS code over the emulator. Null: run natively.</summary>
    public string? Emulator { get; init; }

    /// <summary>Another program that can be the daemon, for tests: everything in its folder is installed with it. Null: there is only the published one.</summary>
    public string? OtherDaemon { get; init; }

    /// <summary>An agent to use instead of the stub.</summary>
    public string? Agent { get; init; }

    /// <summary>Mount options of a file system in memory for everything of the machine, such as <c>size=300m</c>; null: the host's own.</summary>
    public string? Volume { get; init; }

    /// <summary>A command that starts the daemon in the place of this process, given its port and then its command line; empty for none.</summary>
    public IReadOnlyList<string> ServiceManager { get; init; } = [];

    /// <summary>First of the ten thousand numbers that the accounts of this machine get.</summary>
    public int UidMin { get; init; } = 760000;

    /// <summary>Settings on top of the trial's own: <c>Section:Key</c> → value; lists as <c>Section:Key:0</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the folder is kept at the end, for a look at it.</summary>
    public bool Keep { get; init; }
}
