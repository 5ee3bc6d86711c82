using System.Xml.Linq;
using MacRunners.MacEmulator.Volumes;

namespace MacRunners.MacEmulator.Tools.Diskutil;

/// <summary>Property lists of <c>diskutil</c>, with the keys that describe APFS.</summary>
internal sealed class DiskutilReports(Container container)
{
    private const string PhysicalStore = "disk0s2";

    /// <summary>The container with all its volumes.</summary>
    internal string List()
    {
        var (size, free) = container.Room;
        return PropertyListText.Of(PropertyListText.Dictionary(("Containers", PropertyListText.Array(
        [
            PropertyListText.Dictionary(
                ("APFSContainerUUID", PropertyListText.Text(Container.Uuid)),
                ("CapacityCeiling", PropertyListText.Number(size)),
                ("CapacityFree", PropertyListText.Number(free)),
                ("ContainerReference", PropertyListText.Text(Container.Reference)),
                ("DesignatedPhysicalStore", PropertyListText.Text(PhysicalStore)),
                ("Fusion", PropertyListText.Flag(false)),
                ("PhysicalStores", PropertyListText.Array([PropertyListText.Dictionary(("DeviceIdentifier", PropertyListText.Text(PhysicalStore)), ("Size", PropertyListText.Number(size)))])),
                ("Volumes", PropertyListText.Array(container.Volumes().Select(Listed)))),
        ]))));
    }

    /// <summary>The container itself.</summary>
    internal string OfContainer()
    {
        var (size, free) = container.Room;
        return PropertyListText.Of(PropertyListText.Dictionary(
            ("APFSContainerFree", PropertyListText.Number(free)),
            ("APFSContainerReference", PropertyListText.Text(Container.Reference)),
            ("APFSContainerSize", PropertyListText.Number(size)),
            ("DeviceIdentifier", PropertyListText.Text(Container.Reference)),
            ("DeviceNode", PropertyListText.Text($"/dev/{Container.Reference}")),
            ("DiskUUID", PropertyListText.Text(Container.Uuid)),
            ("MountPoint", PropertyListText.Text("")),
            ("Size", PropertyListText.Number(size)),
            ("VolumeName", PropertyListText.Text("")),
            ("WholeDisk", PropertyListText.Flag(true))));
    }

    /// <summary>One volume.</summary>
    internal string OfVolume(Volume volume)
    {
        var (size, free) = container.Room;
        return PropertyListText.Of(PropertyListText.Dictionary(
            ("APFSContainerFree", PropertyListText.Number(free)),
            ("APFSContainerReference", PropertyListText.Text(Container.Reference)),
            ("APFSContainerSize", PropertyListText.Number(size)),
            ("CapacityInUse", PropertyListText.Number(container.Used(volume))),
            ("DeviceIdentifier", PropertyListText.Text(volume.Device)),
            ("DeviceNode", PropertyListText.Text($"/dev/{volume.Device}")),
            ("DiskUUID", PropertyListText.Text(volume.Uuid)),
            ("FilesystemType", PropertyListText.Text("apfs")),
            ("FilesystemUserVisibleName", PropertyListText.Text("APFS")),
            ("FreeSpace", PropertyListText.Number(0)),
            ("GlobalPermissionsEnabled", PropertyListText.Flag(volume.HasOwners)),
            ("Internal", PropertyListText.Flag(true)),
            ("MountPoint", PropertyListText.Text(container.PointOf(volume) ?? "")),
            ("ParentWholeDisk", PropertyListText.Text(Container.Reference)),
            ("Size", PropertyListText.Number(size)),
            ("SupportsGlobalPermissionsDisable", PropertyListText.Flag(true)),
            ("VolumeName", PropertyListText.Text(volume.Name)),
            ("VolumeUUID", PropertyListText.Text(volume.Uuid)),
            ("WholeDisk", PropertyListText.Flag(false))));
    }

    private XElement Listed(Volume volume) => PropertyListText.Dictionary(
        ("APFSVolumeUUID", PropertyListText.Text(volume.Uuid)),
        ("CapacityInUse", PropertyListText.Number(container.Used(volume))),
        ("CapacityQuota", PropertyListText.Number(volume.Quota ?? 0)),
        ("CapacityReserve", PropertyListText.Number(volume.Reserve ?? 0)),
        ("DeviceIdentifier", PropertyListText.Text(volume.Device)),
        ("Encryption", PropertyListText.Flag(false)),
        ("FileVault", PropertyListText.Flag(false)),
        ("Locked", PropertyListText.Flag(false)),
        ("Name", PropertyListText.Text(volume.Name)),
        ("Roles", PropertyListText.Array(volume.Role is { } role ? [PropertyListText.Text(role)] : [])));
}
