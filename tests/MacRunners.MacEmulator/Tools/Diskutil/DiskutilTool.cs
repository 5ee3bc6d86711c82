using MacRunners.MacEmulator.Faults;
using MacRunners.MacEmulator.Root;
using MacRunners.MacEmulator.Volumes;

namespace MacRunners.MacEmulator.Tools.Diskutil;

/// <summary><c>diskutil</c> of a machine with one APFS container: volumes are added, mounted, unmounted, asked for and deleted.</summary>
internal sealed class DiskutilTool
{
    private const string DeleteVolume = "deleteVolume";
    private const int Failed = 1;

    private readonly ToolContext _context;
    private readonly FaultEffects _effects;
    private readonly Container _container;

    private DiskutilTool(ToolContext context, FaultEffects effects)
    {
        _context = context;
        _effects = effects;
        _container = new Container(context.Root, context.IsRoot);
    }

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var verb = context.Arguments switch
        {
            ["apfs", var apfsVerb, ..] => apfsVerb,
            [var plainVerb, ..] => plainVerb,
            _ => "help",
        };
        var effects = await context.BeginAsync(verb, context.Arguments);
        int exitCode;
        using (context.IsRoot ? StateLock.Take(context.Root) : null)
        {
            exitCode = new DiskutilTool(context, effects).Run();
        }

        context.End(effects);
        return exitCode;
    }

    private int Run() => _context.Arguments.ToArray() switch
    {
        ["info", "-plist", var device] => Info(device),
        ["apfs", "list", "-plist"] => Print(new DiskutilReports(_container).List()),
        ["apfs", "list", "-plist", Container.Reference] => Print(new DiskutilReports(_container).List()),
        ["apfs", "addVolume" or DeleteVolume, ..] or ["mount" or "unmount" or "umount" or "enableOwnership", ..] when !_context.IsRoot => Fail("Ownership of the affected disks is required"),
        ["apfs", "addVolume", var container, var fileSystem, var name, .. var options] => AddVolume(container, fileSystem, name, options),
        ["apfs", DeleteVolume, var device] => Delete(device),
        ["mount", .. var options, var device] => Mount(device, options),
        ["unmount" or "umount", "force", var device] => Unmount(device, force: true),
        ["unmount" or "umount", var device] => Unmount(device, force: false),
        ["enableOwnership", var device] => EnableOwnership(device),
        _ => Fail("Usage:  diskutil [quiet] <verb> <options>"),
    };

    private int Info(string device)
    {
        var reports = new DiskutilReports(_container);
        if (device is Container.Reference or "/dev/" + Container.Reference)
        {
            return Print(reports.OfContainer());
        }

        return _container.Find(device) is { } volume
            ? Print(reports.OfVolume(volume))
            : Fail(PropertyListText.Of(PropertyListText.Dictionary(("Error", PropertyListText.Flag(true)), ("ErrorMessage", PropertyListText.Text($"Could not find disk: {device}")))), _context.Output);
    }

    private int AddVolume(string container, string fileSystem, string name, IReadOnlyList<string> options)
    {
        if (container is not (Container.Reference or "/dev/" + Container.Reference))
        {
            return Fail($"Could not find APFS Container Reference {container}");
        }

        if (fileSystem is not ("APFS" or "Case-sensitive APFS") || AddVolumeOptions.Parse(options) is not { } wanted)
        {
            return Fail("Usage:  diskutil apfs addVolume <containerDevice> <filesystem> <name> <options>");
        }

        _context.Output.WriteLine($"Will export new APFS Volume \"{name}\" from APFS Container Reference {Container.Reference}");
        _context.Output.WriteLine($"Started APFS operation on {Container.Reference}");
        _context.Output.WriteLine($"Preparing to add APFS Volume to APFS Container {Container.Reference}");
        _context.Output.WriteLine("Creating APFS Volume");
        var volume = _container.Add(name, wanted.Role, wanted.Quota, wanted.Reserve);
        _context.Output.WriteLine($"Created new APFS Volume {volume.Device}");
        if (!wanted.NoMount)
        {
            _context.Output.WriteLine("Mounting APFS Volume");
            if (!_container.Mount(volume, wanted.MountPoint ?? _container.MakeOwnPoint(volume), attributes: 0))
            {
                return Fail("Error: -69842: Couldn't mount disk");
            }

            _context.Output.WriteLine("Setting volume permissions");
        }

        _context.Output.WriteLine($"Disk from APFS operation: {volume.Device}");
        _context.Output.WriteLine($"Finished APFS operation on {Container.Reference}");
        return 0;
    }

    private int Delete(string device)
    {
        if (_container.Find(device) is not { } volume)
        {
            return Fail($"Could not find APFS Volume {device}");
        }

        _context.Output.WriteLine("Started APFS operation");
        _context.Output.WriteLine("Deleting APFS Volume from its APFS Container");
        _context.Output.WriteLine($"Unmounting {volume.Device}");
        if (_effects.DeleteVolumeBusy || !_container.Unmount(volume, force: false))
        {
            var user = (_effects.DeleteVolumeBusy ? null : UserOf(volume)) ?? VolumeUser.Kernel;
            _context.Output.WriteLine($"The volume \"{volume.Name}\" on {volume.Device} couldn't be unmounted because it is in use by process {user.Pid} ({user.Name})");
            return Fail("Error: -69888: Couldn't unmount disk");
        }

        _container.Delete(volume);
        _context.Output.WriteLine("Deleting Volume");
        _context.Output.WriteLine("Removing any Preboot and Recovery Directories");
        _context.Output.WriteLine("Finished APFS operation");
        return 0;
    }

    private int Mount(string device, IReadOnlyList<string> options)
    {
        if (MountVolumeOptions.Parse(options) is not { } wanted)
        {
            return Fail("Usage:  diskutil mount [readOnly] [nobrowse] [-mountOptions option[,option]] [-mountPoint path] device");
        }

        if (_container.Find(device) is not { } volume)
        {
            return Fail($"Unable to find disk for {device}");
        }

        var present = _container.PointOf(volume);
        if (present is null
            ? wanted.Attributes is not { } attributes || !_container.Mount(volume, wanted.MountPoint ?? _container.MakeOwnPoint(volume), attributes)
            : wanted.MountPoint is { } point && point != present)
        {
            return Fail($"Volume {volume.Name} on {volume.Device} failed to mount");
        }

        _context.Output.WriteLine($"Volume {volume.Name} on {volume.Device} mounted");
        return 0;
    }

    private int Unmount(string device, bool force)
    {
        if (_container.Find(device) is not { } volume)
        {
            return Fail($"Unmount failed for {device}");
        }

        if (_container.PointOf(volume) is null)
        {
            _context.Output.WriteLine($"Volume {volume.Name} on {volume.Device} was already unmounted");
            return 0;
        }

        if (!_container.Unmount(volume, force))
        {
            var user = UserOf(volume) ?? VolumeUser.Kernel;
            return Fail($"Volume {volume.Name} on {volume.Device} failed to unmount: dissented by PID {user.Pid} ({user.Program})");
        }

        _context.Output.WriteLine($"Volume {volume.Name} on {volume.Device} {(force ? "force-unmounted" : "unmounted")}");
        return 0;
    }

    private int EnableOwnership(string device)
    {
        if (_container.Find(device) is not { } volume)
        {
            return Fail($"Unable to find disk for {device}");
        }

        _container.EnableOwners(volume);
        _context.Output.WriteLine("File system user/group ownership enabled");
        return 0;
    }

    private VolumeUser? UserOf(Volume volume) => _container.PointOf(volume) is { } point && volume.SystemPoint is null ? VolumeUser.Of(point) : null;

    private int Print(string text)
    {
        _context.Output.WriteLine(text);
        return 0;
    }

    private int Fail(string text, TextWriter? writer = null)
    {
        (writer ?? _context.Error).WriteLine(text);
        return Failed;
    }
}
