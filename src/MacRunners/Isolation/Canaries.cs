using System.Security.Cryptography;
using MacRunners.Platform;

namespace MacRunners.Isolation;

/// <summary>
/// Files of others that no attack may change: neither itself, nor by what root does to clean up after it. Compared are inode, mode,
/// number of names, owner, size, time and content.
/// </summary>
internal sealed class Canaries
{
    private const UnixFileMode Public = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // An account that both systems have and that no person uses: daemon.
    private const string Foreigner = "1";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ITool _tool;
    private IReadOnlyDictionary<string, string> _before = new Dictionary<string, string>();

    private Canaries(string folder, ITool tool)
    {
        Folder = folder;
        _tool = tool;
    }

    /// <summary>The folder that holds them.</summary>
    public string Folder { get; }

    /// <summary>Makes them.</summary>
    /// <param name="folder">Does not exist; in a folder that only root can write to.</param>
    /// <param name="tool">Runs programs.</param>
    /// <exception cref="IOException">They cannot be made.</exception>
    /// <exception cref="ToolException">A program of the system cannot be run.</exception>
    public static async Task<Canaries> PlantAsync(string folder, ITool tool)
    {
        var canaries = new Canaries(folder, tool);
        foreach (var path in (string[])["", "tree", "tree/a", "tree/a/b"])
        {
            var made = Directory.CreateDirectory(Path.Combine(folder, path)).FullName;
            File.SetUnixFileMode(made, Public);
            await canaries.InstallAsync("644", "0", Path.Combine(made, "root.txt"));
        }

        await canaries.InstallAsync("600", "0", Path.Combine(folder, "secret.txt"));
        await canaries.InstallAsync("644", Foreigner, Path.Combine(folder, "foreign.txt"));
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            await File.WriteAllTextAsync(file, $"This is {file}.\n");
        }

        return canaries;
    }

    /// <summary>From now on they must stay as they are.</summary>
    public async Task ObserveAsync() => _before = await LookAsync();

    /// <summary>What has changed, for people; empty when nothing has.</summary>
    public async Task<IReadOnlyList<string>> ChangesAsync()
    {
        var now = await LookAsync();
        return
        [
            .. _before.Where(was => now.GetValueOrDefault(was.Key) != was.Value).Select(was => $"a file of others was changed: {was.Key} was {was.Value}, is {now.GetValueOrDefault(was.Key) ?? "gone"}"),
            .. now.Keys.Except(_before.Keys).Select(path => $"a file was made among those of others: {path}"),
        ];
    }

    private async Task InstallAsync(string mode, string owner, string path)
    {
        var result = await _tool.RunAsync("/usr/bin/install", ["-m", mode, "-o", owner, "-g", owner, "/dev/null", path], Limit, CancellationToken.None);
        if (result.ExitCode != 0)
        {
            throw new IOException($"{path} cannot be made: install ended with {result.Summary}");
        }
    }

    // By the system's own ls, which knows inodes, names and owners.
    private async Task<Dictionary<string, string>> LookAsync()
    {
        var everything = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };
        List<string> paths = [Folder, .. Directory.EnumerateFileSystemEntries(Folder, "*", everything)];
        var listed = (await _tool.RunAsync("/bin/ls", ["-dlin", .. paths], Limit, CancellationToken.None)).Output.Split('\n');
        return paths.ToDictionary(path => path, path =>
        {
            var status = Array.Find(listed, line => line.EndsWith($" {path}", StringComparison.Ordinal)) ?? "unlisted";
            var info = new FileInfo(path);
            return $"{status.Trim()} {info.LastWriteTimeUtc.Ticks} {(info is { Exists: true, LinkTarget: null } ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))) : "")}".TrimEnd();
        });
    }
}
