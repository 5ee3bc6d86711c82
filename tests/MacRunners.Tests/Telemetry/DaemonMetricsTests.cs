using System.Diagnostics;
using System.Net;
using System.Text;
using MacRunners.Buildkite;
using MacRunners.Health;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Telemetry;
using MacRunners.Tests.Health;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace MacRunners.Tests.Telemetry;

public sealed class DaemonMetricsTests
{
    private readonly DaemonMetrics _metrics = new("1.2.3", "linux");
    private readonly IPlatform _platform = Substitute.For<IPlatform>();
    private readonly GrowthWatch _growth;

    public DaemonMetricsTests() => _growth = new GrowthWatch(_platform, Options.Create(new PathsOptions()), Options.Create(new HealthOptions()));

    [Fact]
    public async Task What_happened_is_counted_under_its_label()
    {
        _metrics.JobEnded(JobOutcome.TimedOut);
        _metrics.PhaseTook(JobPhase.AgentStart, TimeSpan.FromSeconds(1.5));
        _metrics.PollEnded(PollResult.Throttled);
        _metrics.Completed(new ApiAttempt(ApiOperation.Reserve, HttpStatusCode.OK, null, TimeSpan.FromSeconds(0.2)));
        _metrics.ResidueFound(ResidueKind.Mount, 2);
        _metrics.OrphanRecovered();
        _metrics.SelfTestEnded(SelfTestResult.Failed);
        _metrics.AgentOutputDropped(77);

        var text = await TextAsync();
        Assert.Contains("macrunners_jobs_total{outcome=\"timed_out\"} 1\n", text);
        Assert.Contains("macrunners_job_phase_seconds_sum{phase=\"agent_start\"} 1.5\n", text);
        Assert.Contains("macrunners_polls_total{result=\"throttled\"} 1\n", text);
        Assert.Contains("macrunners_api_requests_total{operation=\"reserve\",status=\"200\"} 1\n", text);
        Assert.Contains("macrunners_api_request_seconds_count{operation=\"reserve\"} 1\n", text);
        Assert.Contains("macrunners_residue_found_total{kind=\"mount\"} 2\n", text);
        Assert.Contains("macrunners_orphans_recovered_total 1\n", text);
        Assert.Contains("macrunners_selftests_total{result=\"failed\"} 1\n", text);
        Assert.Contains("macrunners_selftests_total{result=\"passed\"} 0\n", text);
        Assert.Contains("macrunners_agent_output_dropped_bytes_total 77\n", text);
        Assert.Contains("macrunners_build_info{version=\"1.2.3\",platform=\"linux\"} 1\n", text);
    }

    [Fact]
    public async Task The_gauges_show_the_state_of_the_moment()
    {
        var dispatcher = new FakeDispatcher();
        Publish(dispatcher);
        var before = await TextAsync();
        Assert.Contains("macrunners_ready 1\n", before);
        Assert.Contains("macrunners_background_tasks_bytes NaN\n", before);
        Assert.Contains("macrunners_homes_indexed NaN\n", before);

        _platform.Growth.LookAsync("", TestContext.Current.CancellationToken).ReturnsForAnyArgs(new SystemGrowth(4096, true, []));
        _ = await _growth.LookAsync(TestContext.Current.CancellationToken);
        dispatcher.ReadyForJobs = false;
        dispatcher.RunningJobs = [new RunningJob(Guid.NewGuid(), JobPhase.Run, default, default)];
        var text = await TextAsync();
        Assert.Contains("macrunners_ready 0\n", text);
        Assert.Contains("macrunners_slots_busy 1\n", text);
        Assert.Contains("macrunners_slots 3\n", text);
        Assert.Contains("macrunners_dirty 1\n", text);
        Assert.Contains("macrunners_retire 0\n", text);
        Assert.Contains("macrunners_consecutive_start_failures 2\n", text);
        Assert.Contains("macrunners_token_age_seconds 60\n", text);
        Assert.Contains("macrunners_background_tasks_bytes 4096\n", text);
        Assert.Contains("macrunners_homes_indexed 1\n", text);
    }

    [Fact]
    public async Task Promtool_has_nothing_to_say_about_all_metrics_together()
    {
        AllFamilies.AddTo(_metrics);
        _metrics.Completed(new ApiAttempt(ApiOperation.Reserve, HttpStatusCode.OK, null, TimeSpan.FromSeconds(0.2)));
        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        await promtool.StandardInput.WriteAsync(await TextAsync());
        promtool.StandardInput.Close();
        var complaints = promtool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await promtool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await promtool.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (promtool.ExitCode, output + await complaints));
    }

    [Fact]
    public async Task The_process_s_own_figures_are_real()
    {
        _ = new ProcessGauges(_metrics);
        var figures = (await TextAsync()).Split('\n')
            .Where(line => line.StartsWith("process_", StringComparison.Ordinal))
            .ToDictionary(line => line.Split(' ')[0], line => double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(figures["process_resident_memory_bytes"] > 1_000_000);
        Assert.True(figures["process_open_fds"] > 3);
        Assert.True(figures["process_cpu_seconds_total"] > 0);
        Assert.InRange(figures["process_start_time_seconds"], 1.5e9, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 1);
    }

    private void Publish(IDispatcherStatus dispatcher) => _ = new StateGauges(
        _metrics, dispatcher, new Dirty(), new NotRetired(), new FakeSelfTest { FailuresInARow = 2 }, new MinuteOld(), _growth, Options.Create(new JobsOptions { Slots = 3 }));

    private async Task<string> TextAsync()
    {
        using var text = new MemoryStream();
        await _metrics.Registry.CollectAndExportAsTextAsync(text, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(text.ToArray());
    }

    private sealed class Dirty : IDirtyState
    {
        public string Reason => "a file";

        public DateTimeOffset? Since => DateTimeOffset.UnixEpoch;
    }

    private sealed class NotRetired : IRetireState
    {
        public string? Reason => null;
    }

    private sealed class MinuteOld : ITokenAge
    {
        public TimeSpan? Age => TimeSpan.FromMinutes(1);
    }
}
