namespace MacRunners.Platform;

/// <summary>The kernel's process table. Zombies count as dead and are never returned.</summary>
internal interface IProcessTable
{
    /// <summary>Processes whose real, effective or saved uid is <paramref name="uid"/>.</summary>
    IReadOnlyList<ProcessEntry> OwnedBy(uint uid);

    /// <summary>Processes whose real, effective or saved uid is one of these.</summary>
    IReadOnlyList<ProcessEntry> OwnedWithin(uint first, uint last);

    /// <summary>
    /// Processes that began as the user's and have become another user's for good: somebody gave him rights that he should not have.
    /// Empty where the system does not remember it, as on macOS. Where it is remembered twice, either witness is enough.
    /// </summary>
    IReadOnlyList<ProcessEntry> EscapedFrom(uint uid);

    /// <summary>The living process with this number, or null.</summary>
    ProcessEntry? Find(int pid);

    /// <summary>Sends a signal after checking that the number still means the same process.</summary>
    /// <returns>False when that process is gone.</returns>
    /// <exception cref="PosixException">Not permitted.</exception>
    bool Signal(ProcessIdentity process, Signal signal);
}

/// <summary>A process for ever: numbers are used again, the pair is not.</summary>
/// <param name="Pid">Process number.</param>
/// <param name="StartTime">Start time in the platform's own unit (Linux: clock ticks since boot; macOS: microseconds since 1970).</param>
internal readonly record struct ProcessIdentity(int Pid, ulong StartTime);

/// <summary>One row of the process table.</summary>
internal sealed record ProcessEntry(
    ProcessIdentity Identity,
    int ParentPid,
    uint RealUid,
    uint EffectiveUid,
    uint SavedUid,
    string Command);

/// <summary>Signals the daemon sends. The numbers are the same on Linux and macOS, but for <see cref="Stop"/>.</summary>
internal enum Signal
{
    /// <summary>SIGSTOP: the process holds still, and forks no more.</summary>
    Stop = 0,

    /// <summary>SIGQUIT: the agent cancels its job.</summary>
    Quit = 3,

    /// <summary>SIGKILL.</summary>
    Kill = 9,

    /// <summary>SIGTERM: the agent finishes its job, then leaves.</summary>
    Terminate = 15,
}
