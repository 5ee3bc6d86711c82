using MacRunners.Platform;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Accounts;

/// <summary>
/// The home of a job: private, with the folders that the agent and macOS expect. Made before any process of the account
/// exists, so nobody can race with root in it.
/// </summary>
internal static class JobHome
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Checkouts, as the agent's <c>--build-path</c>.</summary>
    public const string Workspace = "workspace";

    /// <summary>The job's <c>TMPDIR</c>.</summary>
    public const string Temporary = "tmp";

    /// <summary>Caches, as <c>XDG_CACHE_HOME</c>.</summary>
    public const string Caches = "caches";

    /// <summary>Plugins, as the agent's <c>--plugins-path</c>.</summary>
    public const string Plugins = "plugins";

    /// <summary>Sockets, as the agent's <c>--sockets-path</c>. The name is short: macOS ends socket paths at 104 bytes.</summary>
    public const string Sockets = "s";

    private static readonly string[] Folders = [Workspace, Temporary, Caches, Plugins, Sockets];

    /// <summary>The folders that a home begins with, below its path.</summary>
    public static IReadOnlyList<string> FoldersIn(string home) => [.. Folders.Select(folder => Path.Combine(home, folder))];

    /// <summary>Makes the home of the account.</summary>
    /// <returns>Which directory it is.</returns>
    /// <exception cref="PosixException">The name is taken, or the disk refuses.</exception>
    public static HomeIdentity Create(IFileCalls files, string parent, string name, uint id)
    {
        using var homes = files.OpenDirectory(parent);
        using var home = files.MakeDirectory(homes, name, Private, id, id);
        Furnish(files, home, id);
        return Identify(files, home);
    }

    /// <summary>Makes the folder that a volume is mounted on to be the home.</summary>
    /// <inheritdoc cref="Create"/>
    public static HomeIdentity CreateMountPoint(IFileCalls files, string parent, string name, uint id)
    {
        using var homes = files.OpenDirectory(parent);
        using var home = files.MakeDirectory(homes, name, Private, id, id);
        return Identify(files, home);
    }

    /// <summary>Makes the volume that is mounted there the home of the account.</summary>
    /// <exception cref="PosixException">None is mounted, the disk refuses, or somebody was there before.</exception>
    public static void MoveIn(IFileCalls files, string parent, string name, uint id)
    {
        using var homes = files.OpenDirectory(parent);
        using var home = files.OpenDirectory(homes, name);
        if (files.Stat(home).Device == files.Stat(homes).Device)
        {
            throw new PosixException("mount", $"{parent}/{name}, which is no volume", PosixError.NotFound, 0);
        }

        // Closed to all others first; then nobody but root can have put anything in.
        files.GiveAway(home, Private, id, id);
        foreach (var entry in files.List(home))
        {
            if (files.Stat(home, entry) is { Uid: not 0 } status)
            {
                throw new PosixException("mount", $"{parent}/{name}, a new volume in which there is already {entry} of user {status.Uid}", PosixError.NotEmpty, 0);
            }
        }

        Furnish(files, home, id);
    }

    private static void Furnish(IFileCalls files, SafeFileHandle home, uint id)
    {
        foreach (var folder in Folders)
        {
            files.MakeDirectory(home, folder, Private, id, id).Dispose();
        }
    }

    private static HomeIdentity Identify(IFileCalls files, SafeFileHandle home)
    {
        var status = files.Stat(home);
        return new HomeIdentity(status.Device, status.Inode);
    }
}
