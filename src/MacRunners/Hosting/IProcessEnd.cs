namespace MacRunners.Hosting;

/// <summary>
/// The end of the process at once, jobs and all parts of the daemon as they are: the service manager starts it again, and the next run goes
/// on with the jobs. As safe as a crash, since everything that counts is on disk before it happens.
/// </summary>
internal interface IProcessEnd
{
    /// <summary>Writes out what was logged, and ends.</summary>
    /// <param name="exitCode">Not 0, after which the service manager would leave the daemon down.</param>
    void End(int exitCode);
}
