using System.Diagnostics;

namespace MacRunners.Telemetry;

/// <summary>The daemon's own process, under the names every Prometheus client uses.</summary>
internal sealed class ProcessGauges
{
    // Present on Linux and macOS alike.
    private const string OpenDescriptors = "/dev/fd";

    /// <summary>Adds the gauges to the daemon's registry.</summary>
    public ProcessGauges(DaemonMetrics metrics)
    {
        var factory = metrics.Families;
        var cpu = factory.CreateCounter("process_cpu_seconds_total", "User and system CPU time of the daemon.");
        var resident = factory.CreateGauge("process_resident_memory_bytes", "Resident memory of the daemon.");
        var descriptors = factory.CreateGauge("process_open_fds", "Open file descriptors of the daemon.");
        using (var self = Process.GetCurrentProcess())
        {
            factory.CreateGauge("process_start_time_seconds", "When the daemon started, seconds since 1970.")
                .Set(new DateTimeOffset(self.StartTime).ToUnixTimeMilliseconds() / 1000.0);
        }

        metrics.Registry.AddBeforeCollectCallback(() =>
        {
            using var self = Process.GetCurrentProcess();
            cpu.IncTo(self.TotalProcessorTime.TotalSeconds);
            resident.Set(self.WorkingSet64);
            descriptors.Set(Directory.EnumerateFileSystemEntries(OpenDescriptors).Count());
        });
    }
}
