using MacRunners.Jobs.Journal;
using MacRunners.Settings;
using MacRunners.Teardown;
using Microsoft.Extensions.Options;
using Prometheus;

namespace MacRunners.Telemetry;

/// <summary>What lies on the disks: room, the journal, and the trash that is being emptied.</summary>
internal sealed class DiskGauges
{
    // Emptying lifts folders up into the trash, so there can be many for a while, and nobody needs to know how many exactly.
    private const int MostEntries = 10_000;

    private readonly PathsOptions _paths;
    private readonly Gauge _free;
    private readonly Gauge _size;
    private readonly Gauge _journal;
    private readonly Gauge _trash;

    /// <summary>Adds the families to the daemon's registry.</summary>
    public DiskGauges(DaemonMetrics metrics, IOptions<PathsOptions> paths)
    {
        _paths = paths.Value;
        var factory = metrics.Families;
        _free = factory.CreateGauge("macrunners_host_disk_free_bytes", "Free bytes on the volume of a folder (state, homes).", "folder");
        _size = factory.CreateGauge("macrunners_host_disk_size_bytes", "Size of the volume of a folder (state, homes).", "folder");
        _journal = factory.CreateGauge("macrunners_journal_bytes", "Size of the journal; it is written anew when it has grown.");
        _trash = factory.CreateGauge("macrunners_trash_entries", "Entries of the trash under Paths:State: homes and files of ended jobs whose removal goes on behind (counted up to 10000).");
        metrics.Registry.AddBeforeCollectCallback(Refresh);
    }

    private void Refresh()
    {
        foreach (var (folder, path) in (ReadOnlySpan<(string, string)>)[("state", _paths.State), ("homes", _paths.Homes)])
        {
            Show(_free.WithLabels(folder), () => new DriveInfo(path).AvailableFreeSpace);
            Show(_size.WithLabels(folder), () => new DriveInfo(path).TotalSize);
        }

        Show(_journal, () => new FileInfo(Path.Combine(_paths.State, JournalFile.FileName)).Length);
        Show(_trash, () => Directory.EnumerateFileSystemEntries(Path.Combine(_paths.State, Trash.FolderName)).Take(MostEntries).LongCount());
    }

    // A volume that is gone costs its own figure and no other.
    private static void Show(IGauge gauge, Func<long> read)
    {
        try
        {
            gauge.Set(read());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            gauge.Set(double.NaN);
        }
    }
}
