using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Telemetry;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace MacRunners.Tests.Jobs;

public sealed class BootTimeTests : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly FakeTimeProvider _time = new();
    private readonly IPlatform _platform = Substitute.For<IPlatform>();

    public BootTimeTests() => _platform.Host.BootedAt().Returns(_time.GetUtcNow() - TimeSpan.FromSeconds(25));

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task It_is_measured_once_per_boot()
    {
        var first = await ReadyTwiceAsync("boot");
        Assert.Contains("macrunners_boot_seconds_sum 25", first, StringComparison.Ordinal);
        Assert.Contains("macrunners_boot_seconds_count 1", first, StringComparison.Ordinal);
        Assert.Contains("macrunners_boot_seconds_bucket{le=\"20\"} 0", first, StringComparison.Ordinal);
        Assert.Contains("macrunners_boot_seconds_bucket{le=\"30\"} 1", first, StringComparison.Ordinal);

        Assert.Contains("macrunners_boot_seconds_count 0", await ReadyTwiceAsync("boot"), StringComparison.Ordinal);
        Assert.Contains("macrunners_boot_seconds_count 1", await ReadyTwiceAsync("next boot"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kernel_that_does_not_say_when_it_started_costs_the_figure_only()
    {
        _platform.Host.BootedAt().Throws(new IOException("sysctl kern.boottime: Operation not permitted"));

        Assert.Contains("macrunners_boot_seconds_count 0", await ReadyTwiceAsync("boot"), StringComparison.Ordinal);
    }

    private async Task<string> ReadyTwiceAsync(string bootId)
    {
        using var journal = JournalFile.Open(_scratch.Folder, bootId, "host", 799999, new LinuxFileCalls(), _time, NullLogger<JournalFile>.Instance);
        var metrics = new DaemonMetrics("1.0.0", "linux");
        var boot = new BootTime(journal, _platform, metrics, _time, NullLogger<BootTime>.Instance);
        boot.Ends();
        boot.Ends();
        using var text = new MemoryStream();
        await metrics.Registry.CollectAndExportAsTextAsync(text, TestContext.Current.CancellationToken);
        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }
}
