using System.Globalization;
using System.Text.RegularExpressions;

namespace MacRunners.Platform.MacOS;

/// <summary>System V IPC through <c>ipcs</c> and <c>ipcrm</c>. POSIX shared memory and semaphores of macOS cannot be listed.</summary>
/// <param name="tool">Runs programs.</param>
/// <param name="root">Above <c>/usr/bin</c>; empty on a Mac.</param>
internal sealed partial class MacKernelObjects(ITool tool, string root) : IKernelObjects
{
    // A command line has its limit; there can be 87,381 sets of semaphores.
    private const int AtOnce = 500;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<KernelObject>> MadeByAsync(string name, uint uid, CancellationToken cancellationToken)
    {
        // -c: the maker, for the owner can give an object away, also to somebody who knows nothing of it.
        var result = await tool.RunAsync(root + "/usr/bin/ipcs", ["-c", "-m", "-s", "-q"], Limit, cancellationToken);
        var found = result.ExitCode == 0 ? Parse(result.Output, name, uid) : throw new ToolException($"{root}/usr/bin/ipcs failed with {result.Summary}");
        return found.Count == 0 && result.IsCut
            ? throw new ToolException("there are more System V objects of others on this machine than can be looked through")
            : found;
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(IReadOnlyList<KernelObject> found, CancellationToken cancellationToken)
    {
        foreach (var some in found.Chunk(AtOnce))
        {
            // It goes on behind one that is gone already. Its answer does not matter: the proof looks again.
            _ = await tool.RunAsync(root + "/usr/bin/ipcrm", [.. some.SelectMany(Arguments)], Limit, cancellationToken);
        }
    }

    private static string[] Arguments(KernelObject one) =>
    [
        one.Kind switch
        {
            KernelObjectKind.SharedMemory => "-m",
            KernelObjectKind.Semaphores => "-s",
            _ => "-q",
        },
        one.Id,
    ];

    /// <summary>Lines of objects: kind, number, key, mode, owner, group, maker, maker's group; users by name, by number once they have none.</summary>
    internal static IReadOnlyList<KernelObject> Parse(string output, string name, uint uid)
    {
        string[] identities = [name, uid.ToString(CultureInfo.InvariantCulture)];
        return
        [
            .. output.Split('\n')
                .Select(line => Line.Match(line))
                .Where(match => match.Success && identities.Contains(match.Groups["maker"].Value))
                .Select(match => new KernelObject(
                    match.Groups["kind"].Value switch
                    {
                        "m" => KernelObjectKind.SharedMemory,
                        "s" => KernelObjectKind.Semaphores,
                        _ => KernelObjectKind.MessageQueue,
                    },
                    match.Groups["id"].Value)),
        ];
    }

    [GeneratedRegex(@"^(?<kind>[msq])\s+(?<id>\d+)\s+\S+\s+\S+\s+\S+\s+\S+\s+(?<maker>\S+)\s")]
    private static partial Regex Line { get; }
}
