namespace MacRunners.MacEmulator.Launchd;

/// <summary>A service as its property list describes it: the part of <c>launchd.plist(5)</c> that is emulated.</summary>
internal sealed record ServiceDefinition
{
    /// <summary>Name of the service.</summary>
    internal required string Label { get; init; }

    /// <summary>Where the property list is.</summary>
    internal required string Path { get; init; }

    /// <summary>Program and arguments; the program is an absolute path.</summary>
    internal required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>When it is started again after it has ended.</summary>
    internal required KeepAlive KeepAlive { get; init; }

    /// <summary>Whether it is started when it is loaded.</summary>
    internal required bool RunAtLoad { get; init; }

    /// <summary>Least time between two starts.</summary>
    internal required TimeSpan ThrottleInterval { get; init; }

    /// <summary>Time between SIGTERM and SIGKILL.</summary>
    internal required TimeSpan ExitTimeOut { get; init; }

    /// <summary>Whether the rest of its process group lives on when it ends.</summary>
    internal required bool AbandonProcessGroup { get; init; }

    /// <summary>Variables besides those that every service has.</summary>
    internal required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Null: launchd's own.</summary>
    internal required int? Umask { get; init; }

    /// <summary>Soft and hard limit of open files; null: as they are.</summary>
    internal required int? OpenFiles { get; init; }

    /// <summary>File for standard output; null: none.</summary>
    internal required string? Output { get; init; }

    /// <summary>File for standard error; null: none.</summary>
    internal required string? Error { get; init; }

    /// <summary>Working folder.</summary>
    internal required string WorkingDirectory { get; init; }

    /// <summary>Listening sockets by name.</summary>
    internal required IReadOnlyDictionary<string, IReadOnlyList<SocketDefinition>> Sockets { get; init; }
}

/// <summary>Key <c>KeepAlive</c>.</summary>
internal enum KeepAlive
{
    /// <summary>It runs once, or when somebody connects to its sockets.</summary>
    Never,

    /// <summary>It is always started again.</summary>
    Always,

    /// <summary><c>SuccessfulExit</c> is false: after every end but exit code 0.</summary>
    AfterFailure,

    /// <summary><c>SuccessfulExit</c> is true: after exit code 0.</summary>
    AfterSuccess,
}

/// <summary>One entry of <c>Sockets</c>: a TCP socket that listens.</summary>
/// <param name="Address">IP address.</param>
/// <param name="Port">TCP port.</param>
internal sealed record SocketDefinition(System.Net.IPAddress Address, int Port);
