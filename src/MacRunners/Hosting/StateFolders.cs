using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Hosting;

/// <summary>The daemon's folders, made when absent. What lies in <c>Paths:State</c> (journal, trash) is made by its owners, for root only. The audit has found every existing component safe, so nobody can interfere.</summary>
internal sealed class StateFolders(PathsOptions paths, IFileCalls files)
{
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Public = OwnerAll | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private const UnixFileMode Logging = OwnerAll | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    /// <summary>Name of <see cref="JobLogs"/> in <see cref="PathsOptions.Logs"/>.</summary>
    public const string JobLogsName = "jobs";

    /// <summary>One log file per job.</summary>
    public string JobLogs { get; } = Path.Combine(paths.Logs, JobLogsName);

    /// <summary>
    /// Makes what is missing, root's. Own folders get their mode even when they exist; <c>Paths:Homes</c> and <c>Paths:Run</c>
    /// may be the system's and are left as they are, the audit has judged them.
    /// </summary>
    /// <exception cref="IOException">A folder cannot be made; the message names it.</exception>
    public void Ensure()
    {
        Ensure(paths.State, Public, isOwn: true);
        Ensure(paths.Logs, Logging, isOwn: true);
        Ensure(JobLogs, Logging, isOwn: true);
        Ensure(paths.Homes, Public, isOwn: false);
        Ensure(paths.Run, Public, isOwn: false);
    }

    private void Ensure(string path, UnixFileMode mode, bool isOwn)
    {
        var directory = files.OpenDirectory("/");
        try
        {
            var components = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            var made = false;
            foreach (var (name, index) in components.Select((name, index) => (name, index)))
            {
                made = files.Stat(directory, name) is null;
                var next = made ? Make(directory, name, index == components.Length - 1 ? mode : Public) : files.OpenDirectory(directory, name);
                directory.Dispose();
                directory = next;
            }

            if (!made && isOwn)
            {
                File.SetUnixFileMode(directory, mode);
            }
        }
        finally
        {
            directory.Dispose();
        }
    }

    private SafeFileHandle Make(SafeFileHandle parent, FileName name, UnixFileMode mode) => files.MakeDirectory(parent, name, mode, uid: 0, gid: 0);
}
