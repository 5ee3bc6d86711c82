using System.Runtime.InteropServices;
using System.Text;
using System.Xml.Linq;
using MacRunners.MacEmulator.Faults;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.Root;
using MacRunners.Platform;
using MacRunners.Platform.MacOS;
using MacRunners.Tests.Platform;
using MacRunners.Tests.Platform.MacOS;

namespace MacRunners.Tests.MacEmulator;

/// <summary>Rows of the contract with <c>diskutil</c>: one container, whose volumes are really mounted, with a quota that really ends.</summary>
[Collection(AccountsCollection.Name)]
public sealed class DiskutilTests(EmulatedCommands mac) : IClassFixture<EmulatedCommands>, IAsyncLifetime
{
    private const string Diskutil = "/usr/sbin/diskutil";
    private const string Missing = "disk987";
    private const uint ReadOnly = 0x1;
    private const uint NoSetId = 0x8;
    private const uint NoDevices = 0x10;
    private const uint NoBrowse = 0x100000;

    private static readonly IFileCalls Files = new MacFileCalls();
    private static readonly nint Library = NativeLibrary.Load(Path.Combine(EmulatedMac.Programs, "libSystem.dylib"));

    private string Point => $"{mac.Root}/Users/volume";

    public ValueTask InitializeAsync()
    {
        _ = Directory.CreateDirectory(Point);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        mac.Control.Clear();
        foreach (var volume in (await VolumesAsync()).Where(volume => volume.Roles.Count == 0))
        {
            Assert.Equal(0, (await RunAsync("unmount", "force", volume.Uuid)).ExitCode);
            Assert.Equal(0, (await RunAsync("apfs", "deleteVolume", volume.Uuid)).ExitCode);
        }

        Directory.Delete(Point);
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{mac.Root}/.emulator/volumes"));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "V1")]
    public async Task An_unknown_disk_is_a_property_list_with_an_error()
    {
        var result = await RunAsync("info", "-plist", Missing);

        Assert.Equal(1, result.ExitCode);
        var answer = new Keys(result.Output);
        Assert.Equal(("true", $"Could not find disk: {Missing}"), (answer.Of("Error").Name.LocalName, answer["ErrorMessage"]));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "V2")]
    public async Task A_volume_is_added_and_mounted_where_it_is_wanted()
    {
        var added = await RunAsync("apfs", "addVolume", "disk3", "APFS", "one", "-quota", "10g", "-mountpoint", Point);

        Assert.Equal((0, ""), (added.ExitCode, added.Error));
        Assert.StartsWith("Will export new APFS Volume \"one\" from APFS Container Reference disk3\nStarted APFS operation on disk3\n", added.Output, StringComparison.Ordinal);
        Assert.EndsWith("\nDisk from APFS operation: disk3s7\nFinished APFS operation on disk3\n", added.Output, StringComparison.Ordinal);
        var answer = await InfoAsync("disk3s7");
        Assert.Equal(("one", "apfs", "disk3", Point), (answer["VolumeName"], answer["FilesystemType"], answer["APFSContainerReference"], answer["MountPoint"]));
        Assert.Equal("drwxr-xr-x root", Scratch.Shell("stat -c '%A %U' \"$1\"", Point).Trim());
    }

    [Fact, Trait("certainty", "C"), Trait("row", "V2")]
    public async Task Nothing_is_added_to_a_container_that_is_not_there() => Assert.Equal(
        new ToolResult(1, "", $"Could not find APFS Container Reference {Missing}\n"), await RunAsync("apfs", "addVolume", Missing, "APFS", "one", "-nomount"));

    [Theory, Trait("certainty", "U"), Trait("row", "V2")]
    [InlineData("-quota", "plenty")]
    [InlineData("-nomount", "-mountpoint", "/Users")]
    [InlineData("-what")]
    public async Task Options_that_are_not_understood_add_nothing(params string[] options)
    {
        Assert.Equal(1, (await RunAsync(["apfs", "addVolume", "disk3", "APFS", "one", .. options])).ExitCode);
        Assert.DoesNotContain(await VolumesAsync(), volume => volume.Name == "one");
    }

    [Fact, Trait("certainty", "U"), Trait("row", "V2")]
    public async Task A_volume_whose_folder_is_missing_is_there_all_the_same()
    {
        var added = await RunAsync("apfs", "addVolume", "disk3", "APFS", "one", "-mountpoint", $"{Point}/none");

        Assert.Equal((1, "Error: -69842: Couldn't mount disk\n"), (added.ExitCode, added.Error));
        Assert.Equal("", (await InfoAsync("one"))["MountPoint"]);
    }

    [Fact, Trait("certainty", "C"), Trait("row", "V2")]
    public async Task What_is_in_a_volume_ends_at_its_quota()
    {
        await AddAsync("one", "-quota", "1m", "-mountpoint", Point);

        Assert.Throws<IOException>(() => File.WriteAllBytes($"{Point}/large", new byte[2_000_000]));
        Assert.Equal(1_000_000, (await VolumesAsync()).Single(volume => volume.Name == "one").Quota);
        Assert.InRange(new DriveInfo(Point).TotalSize, 900_000, 1_048_576);
    }

    [Fact, Trait("certainty", "C"), Trait("row", "V2")]
    public async Task A_volume_that_is_not_mounted_is_mounted_as_it_is_asked_to_be_and_keeps_what_is_in_it()
    {
        var device = await AddAsync("one", "-nomount");
        Assert.Equal("", (await InfoAsync(device))["MountPoint"]);

        Assert.Equal(new ToolResult(0, "Volume one on disk3s7 mounted\n", ""), await RunAsync("mount", "nobrowse", "-mountOptions", "nosuid,nodev", "-mountPoint", Point, device));
        File.WriteAllText($"{Point}/kept", "");
        Assert.Equal(Point, (await InfoAsync(device))["MountPoint"]);
        Assert.Equal(("apfs", "/dev/disk3s7", NoSetId | NoDevices | NoBrowse), Seen(Point));
        Assert.Contains($"/dev/disk3s7 on {Point} (apfs, local, nodev, nosuid, journaled, noowners, nobrowse)\n", (await mac.RunAsync("/sbin/mount")).Output);

        Assert.Equal(0, (await RunAsync("unmount", device)).ExitCode);
        Assert.False(File.Exists($"{Point}/kept"));
        Assert.Equal(0, (await RunAsync("mount", "readOnly", "-mountPoint", Point, device)).ExitCode);
        Assert.True(File.Exists($"{Point}/kept"));
        Assert.Equal(ReadOnly, Seen(Point).Flags);
    }

    [Fact, Trait("certainty", "U"), Trait("row", "V2")]
    public async Task What_cannot_be_mounted_is_told()
    {
        var device = await AddAsync("one", "-nomount");
        var refused = new ToolResult(1, "", "Volume one on disk3s7 failed to mount\n");
        _ = File.CreateSymbolicLink($"{mac.Root}/Users/link", Point);

        Assert.Equal(refused, await RunAsync("mount", "-mountPoint", $"{Point}/none", device));
        Assert.Equal(refused, await RunAsync("mount", "-mountPoint", "/var/tmp", device));
        Assert.Equal(refused, await RunAsync("mount", "-mountPoint", $"{mac.Root}/Users/link", device));
        Assert.Equal(refused, await RunAsync("mount", "-mountOptions", "nonsense", "-mountPoint", Point, device));
        Assert.Equal(new ToolResult(1, "", $"Unable to find disk for {Missing}\n"), await RunAsync("mount", "-mountPoint", Point, Missing));
        File.Delete($"{mac.Root}/Users/link");
    }

    [Fact, Trait("certainty", "C"), Trait("row", "V2")]
    public async Task Without_a_folder_it_is_mounted_among_the_volumes_and_the_folder_goes_with_it()
    {
        var device = await AddAsync("one");

        Assert.Equal($"{mac.Root}/Volumes/one", (await InfoAsync(device))["MountPoint"]);
        Assert.Equal(0, (await RunAsync("unmount", $"{mac.Root}/Volumes/one")).ExitCode);
        Assert.False(Directory.Exists($"{mac.Root}/Volumes/one"));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "V2")]
    public async Task Volumes_are_found_by_each_of_their_names_and_an_identifier_may_come_again()
    {
        var first = await AddAsync("one", "-mountpoint", Point);
        var uuid = (await InfoAsync(first))["VolumeUUID"];
        foreach (var name in (string[])["one", $"/dev/{first}", $"/dev/r{first}", uuid.ToLowerInvariant(), Point])
        {
            Assert.Equal(uuid, (await InfoAsync(name))["VolumeUUID"]);
        }

        Assert.Equal("disk3s8", await AddAsync("two", "-nomount"));
        Assert.Equal(0, (await RunAsync("apfs", "deleteVolume", uuid)).ExitCode);

        Assert.Equal(1, (await RunAsync("info", "-plist", uuid)).ExitCode);
        Assert.Equal(first, await AddAsync("three", "-nomount"));
        Assert.NotEqual(uuid, (await InfoAsync(first))["VolumeUUID"]);
    }

    [Fact, Trait("certainty", "C"), Trait("row", "V2")]
    public async Task The_container_is_found_by_the_volume_that_every_Mac_has_and_lists_all_of_them()
    {
        foreach (var path in (string[])["/", "/System/Volumes/Data", $"{mac.Root}/System/Volumes/Data"])
        {
            Assert.Equal("disk3", (await InfoAsync(path))["APFSContainerReference"]);
        }

        await AddAsync("one", "-nomount", "-reserve", "2m", "-quota", "4mib");

        var list = new Keys((await RunAsync("apfs", "list", "-plist")).Output);
        var container = new Keys(Assert.Single(list.Of("Containers").Elements()));
        Assert.Equal("disk3", container["ContainerReference"]);
        Assert.InRange(long.Parse(container["CapacityFree"], null), 1, long.Parse(container["CapacityCeiling"], null));
        Assert.Equal(
            [("Macintosh HD", "disk3s1", "System", 0L), ("Data", "disk3s5", "Data", 0L), ("one", "disk3s7", "", 4_194_304L)],
            (await VolumesAsync()).Select(volume => (volume.Name, volume.Device, string.Join(',', volume.Roles), volume.Quota)));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "V2")]
    public async Task Owners_count_once_that_was_asked_for()
    {
        var device = await AddAsync("one", "-nomount");
        Assert.Equal("false", (await InfoAsync(device)).Of("GlobalPermissionsEnabled").Name.LocalName);

        Assert.Equal(new ToolResult(0, "File system user/group ownership enabled\n", ""), await RunAsync("enableOwnership", device));

        Assert.Equal("true", (await InfoAsync(device)).Of("GlobalPermissionsEnabled").Name.LocalName);
    }

    [Fact, Trait("certainty", "U"), Trait("row", "V3")]
    public async Task Unmounting_by_force_takes_what_is_in_use_and_asking_does_not()
    {
        var device = await AddAsync("one", "-mountpoint", Point);
        using var busy = File.Create($"{Point}/busy");

        var refused = await RunAsync("unmount", device);

        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.StartsWith($"Volume one on {device} failed to unmount: dissented by PID {Environment.ProcessId} (", refused.Error, StringComparison.Ordinal);
        Assert.Equal(Point, (await InfoAsync(device))["MountPoint"]);
        Assert.Equal(new ToolResult(0, $"Volume one on {device} force-unmounted\n", ""), await RunAsync("umount", "force", Point));
        Assert.Equal(new ToolResult(0, $"Volume one on {device} was already unmounted\n", ""), await RunAsync("unmount", "force", device));
        Assert.Equal(new ToolResult(1, "", $"Unmount failed for {Missing}\n"), await RunAsync("unmount", "force", Missing));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "V3")]
    public async Task A_volume_is_one_mount_to_the_system_and_unmounted_by_its_id()
    {
        var device = await AddAsync("one", "-mountpoint", Point);

        var mount = Assert.Single(Files.MountsBelow(mac.Root), mount => !mount.Point.Contains("/private/", StringComparison.Ordinal));
        Assert.Equal(Point, mount.Point);
        Files.Unmount(mount);

        Assert.Equal("", (await InfoAsync(device))["MountPoint"]);
    }

    [Fact, Trait("certainty", "C"), Trait("row", "V4")]
    public async Task A_volume_is_deleted_with_all_that_is_in_it_once_nobody_uses_it()
    {
        var device = await AddAsync("one", "-mountpoint", Point);
        using (File.Create($"{Point}/busy"))
        {
            var refused = await RunAsync("apfs", "deleteVolume", device);

            Assert.Equal((1, "Error: -69888: Couldn't unmount disk\n"), (refused.ExitCode, refused.Error));
            Assert.StartsWith($"Started APFS operation\nDeleting APFS Volume from its APFS Container\nUnmounting {device}\nThe volume \"one\" on {device} couldn't be unmounted because it is in use by process {Environment.ProcessId} (", refused.Output, StringComparison.Ordinal);
            Assert.True(File.Exists($"{Point}/busy"));
        }

        var deleted = await RunAsync("apfs", "deleteVolume", device);

        Assert.Equal((0, ""), (deleted.ExitCode, deleted.Error));
        Assert.EndsWith("\nFinished APFS operation\n", deleted.Output, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync("info", "-plist", device)).ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Point));
        Assert.Equal(new ToolResult(1, "", $"Could not find APFS Volume {device}\n"), await RunAsync("apfs", "deleteVolume", device));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "V4")]
    public async Task A_deletion_may_find_the_volume_in_use_although_nobody_uses_it()
    {
        var device = await AddAsync("one", "-nomount");
        mac.Control.Inject(new FaultRule { DeleteVolumeBusy = 2 });
        var refused = new ToolResult(
            1,
            $"Started APFS operation\nDeleting APFS Volume from its APFS Container\nUnmounting {device}\nThe volume \"one\" on {device} couldn't be unmounted because it is in use by process 0 (kernel)\n",
            "Error: -69888: Couldn't unmount disk\n");

        Assert.Equal(0, (await RunAsync("info", "-plist", device)).ExitCode);
        Assert.Equal(refused, await RunAsync("apfs", "deleteVolume", device));
        Assert.Equal(refused, await RunAsync("apfs", "deleteVolume", device));
        Assert.Equal(0, (await RunAsync("apfs", "deleteVolume", device)).ExitCode);
    }

    [Fact]
    public async Task Volumes_of_the_system_stay()
    {
        Assert.Equal(1, (await RunAsync("unmount", "force", "/")).ExitCode);
        Assert.Equal(1, (await RunAsync("apfs", "deleteVolume", "Data")).ExitCode);
        Assert.Equal("Data", (await InfoAsync("disk3s5"))["VolumeName"]);
    }

    [Fact]
    public async Task Only_root_changes_volumes()
    {
        var (device, uid) = (await AddAsync("one", "-mountpoint", Point), TestNumbers.Next());
        string[][] commands = [["apfs", "addVolume", "disk3", "APFS", "two", "-nomount"], ["apfs", "deleteVolume", device], ["unmount", "force", device], ["mount", device], ["enableOwnership", device]];
        foreach (var command in commands)
        {
            Assert.Equal(new ToolResult(1, "", "Ownership of the affected disks is required\n"), await mac.RunAsUserAsync(uid, Diskutil, command));
        }

        Assert.Equal("disk3", new Keys((await mac.RunAsUserAsync(uid, Diskutil, "info", "-plist", "/")).Output)["APFSContainerReference"]);
        Assert.Equal(Point, (await InfoAsync(device))["MountPoint"]);
    }

    [Fact]
    public async Task A_delay_of_every_command_is_one_of_this_one_too()
    {
        mac.Control.Inject(new FaultRule { DelayMs = 300 });

        await InfoAsync("/");

        Assert.InRange(mac.Control.Calls().Last(call => call.Tool == "diskutil").Ms, 280, int.MaxValue);
    }

    [Fact]
    public async Task Removing_a_root_unmounts_its_volumes_even_when_they_are_in_use()
    {
        using var other = new EmulatedCommands();
        var point = $"{other.Root}/Users";
        Assert.Equal(0, (await other.RunAsync(Diskutil, "apfs", "addVolume", "disk3", "APFS", "one", "-mountpoint", point)).ExitCode);
        Assert.Equal(0, (await other.RunAsync(Diskutil, "apfs", "addVolume", "disk3", "APFS", "two", "-nomount")).ExitCode);
        var beside = $"{Path.GetDirectoryName(other.Root)}/beside";
        _ = Directory.CreateDirectory(beside);
        Assert.Equal(0, (await other.RunAsync(Diskutil, "mount", "-mountPoint", beside, "two")).ExitCode);
        _ = Assert.Single(MountTable.Below(beside));
        using var busy = File.Create($"{point}/busy");

        Assert.Equal(0, (await other.EmulatorAsync("uninstall", other.Root)).ExitCode);

        Assert.Empty(MountTable.Below(Path.GetDirectoryName(other.Root)!));
        Directory.Delete(beside);
        Assert.False(Path.Exists(other.Root));
        Assert.Equal(0, (await other.EmulatorAsync("install", other.Root)).ExitCode);
    }

    // Through the library, as the daemon's code sees it: in the list, and when asked for a file in it.
    private static unsafe (string? Type, string? From, uint Flags) Seen(string point)
    {
        const uint shown = ReadOnly | NoSetId | NoDevices | NoBrowse;
        var mounts = new DarwinFileSystem[((delegate* unmanaged<DarwinFileSystem*, int, int, int>)NativeLibrary.GetExport(Library, "getfsstat$INODE64"))(null, 0, 2) + 16];
        var found = new List<(string?, string?, uint)>();
        fixed (DarwinFileSystem* first = mounts)
        {
            var count = ((delegate* unmanaged<DarwinFileSystem*, int, int, int>)NativeLibrary.GetExport(Library, "getfsstat$INODE64"))(first, mounts.Length * sizeof(DarwinFileSystem), 2);
            for (var i = 0; i < count; i++)
            {
                if (Marshal.PtrToStringUTF8((nint)first[i].MountedOn) == point)
                {
                    found.Add(Facts(first + i));
                }
            }
        }

        DarwinFileSystem asked;
        fixed (byte* path = Encoding.UTF8.GetBytes($"{point}/kept\0"))
        {
            Assert.Equal(0, ((delegate* unmanaged<byte*, DarwinFileSystem*, int>)NativeLibrary.GetExport(Library, "statfs$INODE64"))(path, &asked));
        }

        Assert.Equal(point, Marshal.PtrToStringUTF8((nint)asked.MountedOn));
        Assert.Equal(Assert.Single(found), Facts(&asked));
        return found[0];

        static (string? Type, string? From, uint Flags) Facts(DarwinFileSystem* status) =>
            (Marshal.PtrToStringUTF8((nint)status->TypeName), Marshal.PtrToStringUTF8((nint)status->MountedFrom), status->Flags & shown);
    }

    private Task<ToolResult> RunAsync(params IReadOnlyList<string> arguments) => mac.RunAsync(Diskutil, arguments);

    private async Task<string> AddAsync(string name, params IReadOnlyList<string> options)
    {
        var added = await RunAsync(["apfs", "addVolume", "disk3", "APFS", name, .. options]);
        Assert.Equal((0, ""), (added.ExitCode, added.Error));
        return added.Output.Split('\n').Single(line => line.StartsWith("Disk from APFS operation: ", StringComparison.Ordinal)).Split(' ')[^1];
    }

    private async Task<Keys> InfoAsync(string device)
    {
        var result = await RunAsync("info", "-plist", device);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return new Keys(result.Output);
    }

    private async Task<List<(string Name, string Device, string Uuid, IReadOnlyList<string> Roles, long Quota)>> VolumesAsync()
    {
        var list = new Keys((await RunAsync("apfs", "list", "-plist")).Output);
        return
        [
            .. list.Of("Containers").Elements().SelectMany(container => new Keys(container).Of("Volumes").Elements()).Select(volume => new Keys(volume)).Select(keys =>
                (keys["Name"], keys["DeviceIdentifier"], keys["APFSVolumeUUID"], (IReadOnlyList<string>)[.. keys.Of("Roles").Elements().Select(role => role.Value)], long.Parse(keys["CapacityQuota"], null))),
        ];
    }

    /// <summary>A dictionary of a property list.</summary>
    private sealed class Keys(XElement dictionary)
    {
        internal Keys(string document)
            : this(XDocument.Parse(document).Root!.Element("dict")!)
        {
        }

        internal string this[string key] => Of(key).Value;

        internal XElement Of(string key) => dictionary.Elements("key").Single(element => element.Value == key).ElementsAfterSelf().First();
    }
}
