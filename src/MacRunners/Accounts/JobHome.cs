using MacRunners.Platform;

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
        foreach (var folder in Folders)
        {
            files.MakeDirectory(home, folder, Private, id, id).Dispose();
        }

        var status = files.Stat(home);
        return new HomeIdentity(status.Device, status.Inode);
    }
}
