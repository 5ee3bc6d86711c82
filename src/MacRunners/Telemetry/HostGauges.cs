using System.Runtime.InteropServices;
using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Options;
using Prometheus;

namespace MacRunners.Telemetry;

/// <summary>The machine itself: load, memory, room on the disks.</summary>
internal sealed partial class HostGauges
{
    /// <summary>Adds the gauges to the daemon's registry.</summary>
    public HostGauges(DaemonMetrics metrics, IHostMemory memory, IOptions<PathsOptions> paths)
    {
        var factory = Metrics.WithCustomRegistry(metrics.Registry);
        factory.CreateGauge("macrunners_host_cpus", "Processors of the machine.").Set(Environment.ProcessorCount);
        var load = factory.CreateGauge("macrunners_host_load1", "Load average of the last minute.");
        var total = factory.CreateGauge("macrunners_host_memory_bytes", "Memory of the machine.");
        var available = factory.CreateGauge("macrunners_host_memory_available_bytes", "Memory a new program could get without swapping.");
        var free = factory.CreateGauge("macrunners_disk_free_bytes", "Free bytes on the volume of a folder.", "folder");
        var size = factory.CreateGauge("macrunners_disk_size_bytes", "Size of the volume of a folder.", "folder");
        metrics.Registry.AddBeforeCollectCallback(() =>
        {
            load.Set(LoadOfLastMinute());
            var now = memory.Read();
            total.Set(now.TotalBytes);
            available.Set(now.AvailableBytes);
            foreach (var (folder, path) in (ReadOnlySpan<(string, string)>)[("state", paths.Value.State), ("homes", paths.Value.Homes)])
            {
                var volume = new DriveInfo(path);
                free.WithLabels(folder).Set(volume.AvailableFreeSpace);
                size.WithLabels(folder).Set(volume.TotalSize);
            }
        });
    }

    private static double LoadOfLastMinute()
    {
        Span<double> loads = stackalloc double[1];
        return GetLoadAverage(loads, loads.Length) == 1 ? loads[0] : double.NaN;
    }

    [LibraryImport("libc", EntryPoint = "getloadavg")]
    private static partial int GetLoadAverage(Span<double> loads, int count);
}
