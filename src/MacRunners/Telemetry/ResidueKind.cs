namespace MacRunners.Telemetry;

/// <summary>Kinds of things that a job left behind.</summary>
internal enum ResidueKind
{
    /// <summary>A process that was still alive after the agent had left.</summary>
    Process,

    /// <summary>The home, or what stands in its place.</summary>
    Home,

    /// <summary>A file or folder outside the home.</summary>
    File,

    /// <summary>A System V or POSIX IPC object.</summary>
    Ipc,

    /// <summary>A mount.</summary>
    Mount,

    /// <summary>A crontab, at job, or launchd job.</summary>
    Schedule,

    /// <summary>A file of the system's own that changed while the job ran.</summary>
    System,

    /// <summary>An account or group that should have been gone.</summary>
    Account,
}
