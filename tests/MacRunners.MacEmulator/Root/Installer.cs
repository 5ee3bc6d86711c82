using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Root;

/// <summary>Builds a root: the folders of a Mac, the commands, and the host's temporary folders inside.</summary>
internal static class Installer
{
    private const UnixFileMode Rwx = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Public = Rwx | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private const UnixFileMode Everybody = Public | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.StickyBit;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private static readonly (string Path, UnixFileMode Mode)[] Folders =
    [
        ("bin", Public),
        ("sbin", Public),
        ("usr/bin", Public),
        ("usr/sbin", Public),
        ("usr/local/bin", Public),
        ("usr/lib/cron", Public),
        ("opt", Public),
        ("etc", Public),
        ("Applications", Public),
        ("Library/Caches", Public),
        ("Library/LaunchDaemons", Public),
        ("Library/Logs/DiagnosticReports", Public),
        ("Users", Public),
        ("Users/Shared", Everybody),
        ("Volumes", Public),
        ("cores", Public),
        ("private/etc", Public),
        ("private/etc/newsyslog.d", Public),
        ("private/tmp", Everybody),
        ("private/var/tmp", Everybody),
        ("private/var/folders", Public),
        ("private/var/root", Rwx),
        ("private/var/empty", Public),
        ("private/var/log", Public),
        ("private/var/run", Public),
        ("private/var/mail", Public),
        ("private/var/macrunners", Rwx),
        ("private/var/at/tabs", Rwx),
        ("private/var/at/jobs", Rwx),
        ("private/var/at/spool", Rwx),
        ("private/var/db/com.apple.xpc.launchd", Public),
    ];

    private static readonly (string Path, string Target)[] Links = [("tmp", "private/tmp"), ("var", "private/var")];

    /// <summary>The host's folders that stand in the root, where the jobs really write.</summary>
    internal static readonly (string Host, string Inside)[] Shared = [("/tmp", "private/tmp"), ("/var/tmp", "private/var/tmp")];

    /// <exception cref="IOException">The place is not fit, with the reason.</exception>
    internal static void Install(string path)
    {
        RequireFit(path);
        var root = new EmulatorRoot(path);
        _ = Directory.CreateDirectory(path, Public);
        foreach (var (folder, mode) in Folders)
        {
            Make(path, folder, mode);
        }

        foreach (var (link, target) in Links)
        {
            _ = File.CreateSymbolicLink($"{path}/{link}", target);
        }

        _ = Directory.CreateDirectory(root.Own, Public);
        _ = Directory.CreateDirectory(root.Binaries, Public);
        File.WriteAllText(root.Marker, path);
        CopyExecutable(root);
        foreach (var tool in ToolPaths.All)
        {
            var up = string.Concat(Enumerable.Repeat("../", tool.Count(c => c == '/') - 1));
            _ = File.CreateSymbolicLink(path + tool, $"{up}.emulator/bin/mac-emulator");
        }

        foreach (var (host, inside) in Shared)
        {
            Libc.Check(Libc.Mount(host, $"{path}/{inside}", null, Libc.MountBind, null), "mount", $"{path}/{inside}");
        }
    }

    private static void RequireFit(string path)
    {
        if (!path.StartsWith('/') || path.EndsWith('/') || Path.GetFullPath(path) != path || path.Count(c => c == '/') < 3)
        {
            throw new IOException($"'{path}' is not fit for a root: it must be an absolute path with at least three components and nothing to resolve, such as /var/lib/x/mac");
        }

        if (Path.Exists(path) && (!Directory.Exists(path) || Directory.EnumerateFileSystemEntries(path).Any()))
        {
            throw new IOException($"'{path}' exists and is not an empty folder: uninstall what is there first");
        }

        for (var parent = Path.GetDirectoryName(path); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            var entry = new DirectoryInfo(parent);
            if (!entry.Exists)
            {
                continue;
            }

            if (entry.LinkTarget is not null || Libc.OwnerOf(parent).Uid != 0 || (entry.UnixFileMode & OthersWrite) != 0)
            {
                throw new IOException($"'{parent}' must be a folder of root that nobody else can write to");
            }
        }
    }

    // Each component by itself, since the umask must not touch the modes.
    private static void Make(string root, string folder, UnixFileMode mode)
    {
        var path = root;
        foreach (var part in folder.Split('/'))
        {
            path = $"{path}/{part}";
            if (!Directory.Exists(path))
            {
                _ = Directory.CreateDirectory(path);
                File.SetUnixFileMode(path, Public);
            }
        }

        File.SetUnixFileMode(path, mode);
    }

    // A copy, because where it was built jobs may have no access. Native: one file; otherwise with its assembly.
    private static void CopyExecutable(EmulatorRoot root)
    {
        string[] names = ["mac-emulator", "mac-emulator.dll", "mac-emulator.runtimeconfig.json", "mac-emulator.deps.json"];
        foreach (var name in names)
        {
            var source = Path.Combine(AppContext.BaseDirectory, name);
            if (File.Exists(source))
            {
                File.Copy(source, $"{root.Binaries}/{name}");
                File.SetUnixFileMode($"{root.Binaries}/{name}", Public);
            }
        }
    }
}
