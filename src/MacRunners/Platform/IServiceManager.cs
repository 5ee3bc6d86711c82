namespace MacRunners.Platform;

/// <summary>The system's service manager, as far as it knows the daemon. Only looked at, never told anything.</summary>
internal interface IServiceManager
{
    /// <summary>Its name, for people.</summary>
    string Name { get; }

    /// <summary>Files that make the daemon known to it; the first one is the service itself.</summary>
    IReadOnlyList<string> Definitions { get; }

    /// <summary>The command that makes it load and start the daemon, for people.</summary>
    string StartCommand { get; }

    /// <summary>What it says of the daemon.</summary>
    /// <exception cref="ToolException">It does not answer.</exception>
    Task<ServiceLook> LookAsync(CancellationToken cancellationToken);
}

/// <summary>What the service manager says of the daemon.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="HoldsPort">Whether it holds the port of the pages in the daemon's place.</param>
/// <param name="Detail">The manager's own words, for people.</param>
internal sealed record ServiceLook(ServiceState State, bool HoldsPort, string Detail);

/// <summary>States of the service.</summary>
internal enum ServiceState
{
    /// <summary>No service manager runs here, as in a container.</summary>
    NoManager,

    /// <summary>It does not know the daemon.</summary>
    NotLoaded,

    /// <summary>It knows the daemon, which does not run.</summary>
    Loaded,

    /// <summary>The daemon runs under it.</summary>
    Running,
}
