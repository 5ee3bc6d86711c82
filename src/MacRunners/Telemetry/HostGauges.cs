using MacRunners.Platform;
using Prometheus;

namespace MacRunners.Telemetry;

/// <summary>
/// The machine itself: processors, memory, load, counts. Read from the kernel when somebody asks, but at most once in
/// <see cref="Freshness"/>, whoever asks how often. What cannot be read is not a number, and spoils nothing else.
/// </summary>
internal sealed class HostGauges
{
    /// <summary>Answers within this time show the same figures.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly IHostFigures _host;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Counter _processorSeconds;
    private readonly Gauge _load1;
    private readonly Gauge _load5;
    private readonly Gauge _load15;
    private readonly Gauge _memory;
    private readonly Gauge _availableMemory;
    private readonly Gauge _swap;
    private readonly Gauge _usedSwap;
    private readonly Gauge _processes;
    private readonly Gauge _threads;
    private readonly Gauge _sockets;
    private readonly Gauge _bootedAt;
    private long? _readAt;

    /// <summary>Adds the families to the daemon's registry.</summary>
    public HostGauges(DaemonMetrics metrics, IHostFigures host, TimeProvider time)
    {
        _host = host;
        _time = time;
        var factory = metrics.Families;
        factory.CreateGauge("macrunners_host_cpus", "Processors of the machine.").Set(Environment.ProcessorCount);
        _processorSeconds = factory.CreateCounter(
            "macrunners_host_cpu_seconds_total", "Seconds that all processors together spent since the boot, by mode (user, system, idle, nice; Linux: iowait, steal).", "mode");
        _load1 = factory.CreateGauge("macrunners_host_load1", "Load average of the last minute.");
        _load5 = factory.CreateGauge("macrunners_host_load5", "Load average of the last 5 minutes.");
        _load15 = factory.CreateGauge("macrunners_host_load15", "Load average of the last 15 minutes.");
        _memory = factory.CreateGauge("macrunners_host_memory_bytes", "Memory of the machine.");
        _availableMemory = factory.CreateGauge("macrunners_host_memory_available_bytes", "Memory a new program could get without swapping.");
        _swap = factory.CreateGauge("macrunners_host_swap_bytes", "Swap space of the machine; macOS makes more when it needs more.");
        _usedSwap = factory.CreateGauge("macrunners_host_swap_used_bytes", "Swap space in use.");
        _processes = factory.CreateGauge("macrunners_host_processes", "Processes of all users.");
        _threads = factory.CreateGauge("macrunners_host_threads", "Threads of all processes.");
        _sockets = factory.CreateGauge("macrunners_host_tcp_sockets", "TCP sockets in any state, by the kernel's count.");
        _bootedAt = factory.CreateGauge("macrunners_host_boot_time_seconds", "When the machine was started, seconds since 1970.");
        metrics.Registry.AddBeforeCollectCallback(Refresh);
    }

    private void Refresh()
    {
        lock (_gate)
        {
            if (_readAt is { } before && _time.GetElapsedTime(before) < Freshness)
            {
                return;
            }

            _readAt = _time.GetTimestamp();
            Show(_host.Load, load => [load.OneMinute, load.FiveMinutes, load.FifteenMinutes], _load1, _load5, _load15);
            Show(_host.Memory, memory => [memory.TotalBytes, memory.AvailableBytes], _memory, _availableMemory);
            Show(_host.Swap, swap => [swap.TotalBytes, swap.UsedBytes], _swap, _usedSwap);
            Show(_host.Counts, counts => [counts.Processes, counts.Threads, counts.TcpSockets], _processes, _threads, _sockets);
            Show(_host.BootedAt, bootedAt => [bootedAt.ToUnixTimeSeconds()], _bootedAt);
            foreach (var time in Read(_host.ProcessorTimes) ?? [])
            {
                _processorSeconds.WithLabels(time.Mode).IncTo(time.Seconds);
            }
        }
    }

    private static void Show<T>(Func<T> read, Func<T, double[]> values, params Gauge[] gauges)
    {
        var now = Read<double[]>(() => values(read()));
        foreach (var (index, gauge) in gauges.Index())
        {
            gauge.Set(now?[index] ?? double.NaN);
        }
    }

    private static T? Read<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or KeyNotFoundException or IndexOutOfRangeException)
        {
            return null;
        }
    }
}
