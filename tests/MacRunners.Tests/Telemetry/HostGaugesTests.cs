using System.Text;
using MacRunners.Platform;
using MacRunners.Telemetry;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace MacRunners.Tests.Telemetry;

public sealed class HostGaugesTests
{
    private readonly DaemonMetrics _metrics = new("1.2.3", "linux");
    private readonly IHostFigures _host = Substitute.For<IHostFigures>();
    private readonly FakeTimeProvider _time = new();

    public HostGaugesTests()
    {
        _host.Memory().Returns(new HostMemory(1000, 400));
        _host.Swap().Returns(new HostSwap(500, 50));
        _host.Load().Returns(new HostLoad(1.5, 0.5, 0.25));
        _host.Counts().Returns(new HostCounts(7, 70, 700));
        _host.BootedAt().Returns(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
        _host.ProcessorTimes().Returns([new ProcessorTime("user", 12.5), new ProcessorTime("idle", 100)]);
        _ = new HostGauges(_metrics, _host, _time);
    }

    [Fact]
    public async Task Every_figure_stands_under_its_name()
    {
        var text = await TextAsync();

        Assert.Contains("macrunners_host_memory_bytes 1000\n", text);
        Assert.Contains("macrunners_host_memory_available_bytes 400\n", text);
        Assert.Contains("macrunners_host_swap_bytes 500\n", text);
        Assert.Contains("macrunners_host_swap_used_bytes 50\n", text);
        Assert.Contains("macrunners_host_load1 1.5\n", text);
        Assert.Contains("macrunners_host_load5 0.5\n", text);
        Assert.Contains("macrunners_host_load15 0.25\n", text);
        Assert.Contains("macrunners_host_processes 7\n", text);
        Assert.Contains("macrunners_host_threads 70\n", text);
        Assert.Contains("macrunners_host_tcp_sockets 700\n", text);
        Assert.Contains("macrunners_host_boot_time_seconds 1700000000\n", text);
        Assert.Contains("macrunners_host_cpu_seconds_total{mode=\"user\"} 12.5\n", text);
        Assert.Contains("macrunners_host_cpu_seconds_total{mode=\"idle\"} 100\n", text);
    }

    [Fact]
    public async Task What_cannot_be_read_is_not_a_number_and_the_rest_is_there()
    {
        _host.Counts().Throws(new PosixException("sysctlbyname", "net.inet.tcp.pcbcount", PosixError.NotFound, 2));
        _host.ProcessorTimes().Throws(new FormatException("cpu"));
        var text = await TextAsync();

        Assert.Contains("macrunners_host_processes NaN\n", text);
        Assert.Contains("macrunners_host_memory_bytes 1000\n", text);
        Assert.Contains("macrunners_host_load1 1.5\n", text);
    }

    [Fact]
    public async Task However_often_is_asked_the_kernel_is_asked_once_a_second()
    {
        for (var scrape = 0; scrape < 50; scrape++)
        {
            _ = await TextAsync();
        }

        _ = _host.Received(1).Counts();
        _host.Counts().Returns(new HostCounts(8, 80, 800));
        _time.Advance(HostGauges.Freshness);

        Assert.Contains("macrunners_host_processes 8\n", await TextAsync());
    }

    private async Task<string> TextAsync()
    {
        using var text = new MemoryStream();
        await _metrics.Registry.CollectAndExportAsTextAsync(text, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(text.ToArray());
    }
}
