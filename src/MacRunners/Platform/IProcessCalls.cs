namespace MacRunners.Platform;

/// <summary>
/// Calls that change the current process. Only the hidden helper verbs use them, each in a process of its own.
/// </summary>
internal interface IProcessCalls
{
    /// <summary>Becomes leader of a new session without terminal.</summary>
    void StartSession();

    /// <summary>Sets soft and hard limit, lowered to the present hard limit where that cannot be raised.</summary>
    void Limit(ResourceLimit limit, ulong value);

    /// <summary>Sets the file mode creation mask.</summary>
    void SetMask(UnixFileMode mask);

    /// <summary>Points stdin at <c>/dev/null</c>, and stdout and stderr at the FIFO, opened for reading and writing so that the writer survives the reader's restart.</summary>
    void RedirectTo(string fifo);

    /// <summary>
    /// Becomes the user for good: groups (its primary one only), group, login name where the system has one, user; then
    /// verifies that the way back is closed. On Linux it also enters the account's control group and leaves the session keyring behind. Without a name (the record may be gone) no login is remembered and no group entered.
    /// </summary>
    /// <exception cref="PosixException">A step failed.</exception>
    /// <exception cref="InvalidOperationException">The way back is open, or the numbers are not as asked.</exception>
    void Become(string? name, uint uid, uint gid);

    /// <summary>
    /// Has the program that <see cref="Execute"/> starts answer for itself where the system's privacy protection asks who is responsible
    /// (macOS), so that what was granted to the daemon does not reach it or its descendants. Nothing elsewhere.
    /// </summary>
    void DisclaimGrants();

    /// <summary>Replaces the program (<paramref name="arguments"/> without the program's name): default signal handling, empty signal mask, no descriptor above 2, this environment and no other. Returns only by exception.</summary>
    /// <exception cref="PosixException">The program cannot be executed.</exception>
    void Execute(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment);

    /// <summary>Sends SIGKILL to every process the caller may signal, except itself.</summary>
    /// <returns>False when there was none.</returns>
    bool KillEverythingElse();

    /// <summary>Lowers the current thread's claim on processors and disks, for good: for work that nobody waits for.</summary>
    void StandBack();
}

/// <summary>Resource limits that are set for a job.</summary>
internal enum ResourceLimit
{
    /// <summary>Open files of one process.</summary>
    OpenFiles,

    /// <summary>Processes of the user.</summary>
    Processes,

    /// <summary>Size of a core dump, bytes.</summary>
    CoreSize,

    /// <summary>Size of each file that is written, bytes; who writes on gets SIGXFSZ.</summary>
    FileSize,
}
