using MacRunners.MacEmulator.Root;
using MacRunners.MacEmulator.Volumes;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>mount</c> without arguments: the volumes that are mounted, and how. Volumes are mounted by <c>diskutil</c>.</summary>
internal static class MountTool
{
    private static readonly IReadOnlyList<(string Linux, string Mac)> Shown =
    [
        ("nodev", "nodev"), ("noexec", "noexec"), ("nosuid", "nosuid"), ("ro", "read-only"),
    ];

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync("mount", context.Arguments);
        var exitCode = context.Arguments is [] ? List(context) : Refuse(context);
        context.End(effects);
        return exitCode;
    }

    private static int List(ToolContext context)
    {
        using var held = context.IsRoot ? StateLock.Take(context.Root) : null;
        var container = new Container(context.Root, context.IsRoot);
        foreach (var volume in container.Volumes())
        {
            if (container.MountOf(volume) is { } mount)
            {
                context.Output.WriteLine($"/dev/{volume.Device} on {mount.Point} ({string.Join(", ", Options(volume, mount))})");
            }
        }

        return 0;
    }

    private static IEnumerable<string> Options(Volume volume, MountedPoint mount) =>
    [
        "apfs",
        "local",
        .. Shown.Where(option => mount.Options.Contains(option.Linux)).Select(option => option.Mac),
        "journaled",
        .. volume.HasOwners ? Array.Empty<string>() : ["noowners"],
        .. mount.Options.Contains(MountSettings.NoBrowseOption) ? ["nobrowse"] : Array.Empty<string>(),
    ];

    private static int Refuse(ToolContext context)
    {
        context.Error.WriteLine("usage: mount [-dfrkuvw] [-o options] [-t external_type] special mount_point");
        return 1;
    }
}
