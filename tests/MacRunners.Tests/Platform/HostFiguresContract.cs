using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MacRunners.Platform;

namespace MacRunners.Tests.Platform;

/// <summary>What every platform's figures of the machine must be: the real ones, as another look at the machine confirms.</summary>
public abstract class HostFiguresContract
{
    private readonly IHostFigures _host;

    private protected HostFiguresContract(IHostFigures host) => _host = host;

    [Fact]
    public void Memory_is_the_machine_s()
    {
        var memory = _host.Memory();

        Assert.Equal(Kibibytes("MemTotal:") * 1024, memory.TotalBytes);
        Assert.InRange(memory.AvailableBytes, 1, memory.TotalBytes);
    }

    [Fact]
    public void Swap_is_the_machine_s()
    {
        var swap = _host.Swap();

        Assert.Equal(Kibibytes("SwapTotal:") * 1024, swap.TotalBytes);
        Assert.InRange(swap.UsedBytes, 0, swap.TotalBytes);
    }

    [Fact]
    public void Processors_have_spent_the_time_since_the_boot()
    {
        var times = _host.ProcessorTimes();

        Assert.Subset(new HashSet<string> { "user", "system", "idle", "nice", "iowait", "steal" }, times.Select(time => time.Mode).ToHashSet());
        Assert.Equal(times.Count, times.Select(time => time.Mode).Distinct().Count());

        // Within a tenth: containers may see fewer processors than the kernel counts, and paused virtual machines lose time.
        var onlineProcessors = File.ReadLines("/proc/stat").Count(line => line.StartsWith("cpu", StringComparison.Ordinal)) - 1;
        var uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.InRange(times.Sum(time => time.Seconds), uptime * onlineProcessors * 0.9, uptime * onlineProcessors * 1.1);
    }

    [Fact]
    public void Work_of_a_processor_is_counted_as_work()
    {
        static double Busy(IHostFigures host) => host.ProcessorTimes().Where(time => time.Mode is "user" or "system" or "nice").Sum(time => time.Seconds);

        var before = Busy(_host);
        var spin = 0UL;
        while (Busy(_host) < before + 0.2)
        {
            spin += (ulong)Environment.TickCount64;
        }

        Assert.NotEqual(0UL, spin);
    }

    [Fact]
    public void The_load_is_the_kernel_s_own()
    {
        static double[] Kernel() => [.. File.ReadAllText("/proc/loadavg").Split(' ').Take(3).Select(load => double.Parse(load, CultureInfo.InvariantCulture))];

        // The kernel changes it every five seconds.
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var before = Kernel();
            var load = _host.Load();
            if (before.SequenceEqual(Kernel()))
            {
                Assert.Equal(before, new[] { load.OneMinute, load.FiveMinutes, load.FifteenMinutes }, (a, b) => Math.Abs(a - b) < 0.006);
                return;
            }
        }

        Assert.Fail("The load changed at every look");
    }

    [Fact]
    public void A_process_with_threads_and_a_socket_are_counted()
    {
        var before = _host.Counts();
        Assert.True(before.Threads >= before.Processes && before.Processes > 0, $"{before}");

        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var sockets = Enumerable.Range(0, 100).Select(_ => new TcpClient()).ToList();
        try
        {
            sockets.ForEach(socket => socket.Connect((IPEndPoint)listener.LocalEndPoint!));

            // A connection has two ends; others come and go meanwhile, but not so many.
            Assert.InRange(_host.Counts().TcpSockets, before.TcpSockets + 100, before.TcpSockets + 1000);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public void The_boot_lies_as_far_back_as_the_machine_is_up()
    {
        var uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
        var boot = TimeProvider.System.GetUtcNow().AddSeconds(-uptime);

        Assert.InRange(_host.BootedAt(), boot.AddSeconds(-60), boot.AddSeconds(60));
    }

    private static long Kibibytes(string key) => long.Parse(
        File.ReadLines("/proc/meminfo").Single(line => line.StartsWith(key, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
