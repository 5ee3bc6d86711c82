using System.Collections.Concurrent;
using System.Xml.Linq;

namespace MacRunners.Platform.MacOS;

/// <summary>
/// APFS volumes as homes, through <c>diskutil</c>. They are found by name and identity among those of the container that holds the homes'
/// folder: what a job may attach, whatever it calls it, lies in containers of its own.
/// </summary>
internal sealed partial class ApfsVolumes(ITool tool, TimeProvider time, string root, ILogger<ApfsVolumes> logger) : IHomeVolumes
{
    // The system stays busy with a volume for a while after it was unmounted.
    private const int MostAttempts = 10;

    // What a container takes, see Apple's description of the format.
    private const int MostVolumes = 100;

    private const string Options = "nosuid,nodev";
    private const string FolderInstead = "leave Accounts:Home out";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    // A mount alone is given up on by the system after a minute.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly string _diskutil = root + "/usr/sbin/diskutil";

    // While the daemon runs, no folder of homes can move to another disk; jobs of an earlier configuration may have another folder.
    private readonly ConcurrentDictionary<string, string> _containers = new();

    /// <inheritdoc/>
    public async Task<Guid> CreateAsync(string homes, string name, long quota, CancellationToken cancellationToken)
    {
        _ = await AskAsync(cancellationToken, AddArguments(await ContainerAsync(homes, cancellationToken), name, quota));
        if (await VolumesAsync(homes, name, id: null, cancellationToken) is not [var volume])
        {
            throw new ToolException($"{_diskutil} has added a volume {name}, but there is not exactly one of that name");
        }

        var id = volume.Id.ToString("D").ToUpperInvariant();
        await MountAsync(id, Path.Combine(homes, name), cancellationToken);

        // The system remembers each volume for which that was asked: not without need.
        if (!await HasOwnersAsync(id, cancellationToken))
        {
            _ = await AskAsync(cancellationToken, "enableOwnership", id);
            if (!await HasOwnersAsync(id, cancellationToken))
            {
                throw new ToolException($"files on {volume} have no owners, although {_diskutil} enableOwnership says so: every job could read them");
            }
        }

        return volume.Id;
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string homes, string name, Guid? id, CancellationToken cancellationToken)
    {
        var why = "";
        for (var attempt = 1; await VolumesAsync(homes, name, id, cancellationToken) is { Count: > 0 } volumes; attempt++)
        {
            if (attempt > MostAttempts)
            {
                throw new ToolException($"{string.Join(", ", volumes)} could not be deleted in {MostAttempts} attempts: {why}. Look what keeps it busy (lsof, diskutil apfs list), and run `macrunners sweep`; else recycle the machine");
            }

            if (attempt > 1)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }

            foreach (var volume in volumes)
            {
                why = $"unmount {await TryAsync(cancellationToken, "unmount", "force", volume.Device)}";

                // By the device that was just listed: by its name or its identity a job's disk image could stand in for it. Meanwhile the device may be another volume's.
                if ((await VolumesAsync(homes, name, id, cancellationToken)).Contains(volume))
                {
                    why += $"; deleteVolume {await TryAsync(cancellationToken, "apfs", "deleteVolume", volume.Device)}";
                }
            }
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> FindAsync(string homes, string name, Guid? id, CancellationToken cancellationToken) =>
        [.. (await VolumesAsync(homes, name, id, cancellationToken)).Select(volume => volume.ToString())];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ListAsync(string homes, CancellationToken cancellationToken) =>
        [.. (await VolumesAsync(homes, cancellationToken)).Select(volume => volume.Name).Where(MacAccounts.IsJobName).Distinct()];

    /// <inheritdoc/>
    public async Task<SystemCondition> LookAsync(string homes, CancellationToken cancellationToken)
    {
        var count = (await VolumesAsync(homes, cancellationToken)).Count;
        var what = $"container {await ContainerAsync(homes, cancellationToken)} of {homes} has {count} volumes, of {MostVolumes} that it takes";
        return count < MostVolumes
            ? new SystemCondition(what)
            : new SystemCondition($"{what}: no further home can be one", $"Delete what nobody needs (diskutil apfs list), or {FolderInstead}.", IsFatal: true);
    }

    /// <inheritdoc/>
    public AccountCommands CommandsFor(string homes, string name, long quota) => new(
        [
            [_diskutil, .. AddArguments("<container>", name, quota)],
            [_diskutil, .. MountArguments("<volume>", Path.Combine(homes, name), ["-mountOptions", Options])],
            [_diskutil, "enableOwnership", "<volume>"],
        ],
        [[_diskutil, "unmount", "force", "<volume>"], [_diskutil, "apfs", "deleteVolume", "<volume>"]]);

    private static string[] AddArguments(string container, string name, long quota) =>
        ["apfs", "addVolume", container, "APFS", name, .. quota > 0 ? (string[])["-quota", $"{quota}b"] : [], "-nomount"];

    private static string[] MountArguments(string volume, string folder, string[] options) => ["mount", "nobrowse", .. options, "-mountPoint", folder, volume];

    // The account is alone with its processes and its files anyway: the options are one more obstacle, and no reason to run no job.
    private async Task MountAsync(string volume, string folder, CancellationToken cancellationToken)
    {
        var mount = await tool.RunAsync(_diskutil, MountArguments(volume, folder, ["-mountOptions", Options]), Limit, cancellationToken);
        if (mount.ExitCode != 0)
        {
            WithoutOptions(logger, folder, Options, mount.Summary);
            _ = await AskAsync(cancellationToken, MountArguments(volume, folder, []));
        }
    }

    private async Task<IReadOnlyList<Volume>> VolumesAsync(string homes, string name, Guid? id, CancellationToken cancellationToken) =>
        [.. (await VolumesAsync(homes, cancellationToken)).Where(volume => volume.Name == name || volume.Id == id)];

    private async Task<IReadOnlyList<Volume>> VolumesAsync(string homes, CancellationToken cancellationToken)
    {
        var container = await ContainerAsync(homes, cancellationToken);

        // Of no other one: what jobs have attached is theirs to make long, or to make wait.
        var list = await AskAsync(cancellationToken, "apfs", "list", "-plist", container);
        return Read(() =>
        {
            var found = PropertyList.Find(list, "Containers")?.Elements().FirstOrDefault(entry => Text(entry, "ContainerReference") == container)
                ?? throw new FormatException($"it does not list {container}");
            return (IReadOnlyList<Volume>)[.. PropertyList.Find(found, "Volumes")?.Elements().Select(entry =>
                new Volume(Text(entry, "Name"), Guid.Parse(Text(entry, "APFSVolumeUUID")), Text(entry, "DeviceIdentifier"))) ?? []];
        });
    }

    private async Task<bool> HasOwnersAsync(string volume, CancellationToken cancellationToken)
    {
        var information = await AskAsync(cancellationToken, "info", "-plist", volume);
        return Read(() => PropertyList.Find(information, "GlobalPermissionsEnabled")) is { Name.LocalName: "true" };
    }

    private async Task<string> ContainerAsync(string homes, CancellationToken cancellationToken)
    {
        if (!_containers.TryGetValue(homes, out var container))
        {
            container = await FindContainerAsync(homes, cancellationToken);
            _containers[homes] = container;
        }

        return container;
    }

    // Of paths, diskutil knows mount points; whether others, too, differs.
    private async Task<string> FindContainerAsync(string homes, CancellationToken cancellationToken)
    {
        for (var path = homes; ; path = Path.GetDirectoryName(path)!)
        {
            var information = await tool.RunAsync(_diskutil, ["info", "-plist", path], Limit, cancellationToken);
            if (information.ExitCode == 0)
            {
                return Read(() => PropertyList.Find(information.Output, "APFSContainerReference"))?.Value
                    ?? throw new ToolException($"{path}, the volume of {homes}, is none of APFS, so no home can be a volume beside it: choose other Paths:Homes, or {FolderInstead}");
            }

            if (path == "/")
            {
                throw new ToolException($"{_diskutil} knows no volume of {homes}: {information.Summary}");
            }
        }
    }

    // What hangs is one attempt that failed.
    private async Task<string> TryAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        try
        {
            return (await tool.RunAsync(_diskutil, arguments, Limit, cancellationToken)).Summary;
        }
        catch (ToolException e)
        {
            return e.Message;
        }
    }

    private async Task<string> AskAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var answer = await tool.RunAsync(_diskutil, arguments, Limit, cancellationToken);
        return answer.ExitCode == 0 ? answer.Output : throw new ToolException($"{_diskutil} {string.Join(' ', arguments)} failed with {answer.Summary}");
    }

    private static string Text(XElement dictionary, string key) =>
        PropertyList.Find(dictionary, key)?.Value ?? throw new FormatException($"an entry has no {key}");

    private T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException e)
        {
            throw new ToolException($"what {_diskutil} says is not understood: {e.Message}", e);
        }
    }

    [LoggerMessage(1611, LogLevel.Warning, "{Folder} is mounted without {Options}, with which it was refused: {Why}")]
    private static partial void WithoutOptions(ILogger logger, string folder, string options, string why);

    private sealed record Volume(string Name, Guid Id, string Device)
    {
        public override string ToString() => $"volume {Device} ({Name})";
    }
}
