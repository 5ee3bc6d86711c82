using MacRunners.Agent;
using MacRunners.Jobs;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace MacRunners.Tests.Jobs;

public sealed class WatchdogTests : IDisposable
{
    private static readonly TimeSpan Instant = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly JobBoard _board = new();
    private readonly JobsOptions _jobs = new();
    private readonly LifecycleOptions _lifecycle = new();
    private readonly Pulse _pulse;
    private readonly Watchdog _watchdog;

    public WatchdogTests()
    {
        _pulse = new Pulse(_time);
        _watchdog = new Watchdog(_pulse, _board, Options.Create(_lifecycle), Options.Create(_jobs), _time, NullLogger<Watchdog>.Instance);
    }

    public void Dispose() => _watchdog.Dispose();

    [Fact]
    public void A_dispatcher_that_is_not_expected_to_do_anything_is_never_stuck()
    {
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Null(_watchdog.Stuck());
        _pulse.Expect(TimeSpan.Zero);
        _pulse.Expect(null);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Null(_watchdog.Stuck());
    }

    [Fact]
    public void A_dispatcher_is_stuck_when_it_is_late_by_the_whole_patience()
    {
        _pulse.Expect(TimeSpan.FromMinutes(5));
        _time.Advance(TimeSpan.FromMinutes(5) + _lifecycle.WatchdogTimeout);
        Assert.Null(_watchdog.Stuck());
        _time.Advance(Instant);
        Assert.Contains("dispatcher", _watchdog.Stuck());

        _pulse.Expect(TimeSpan.Zero);
        Assert.Null(_watchdog.Stuck());
    }

    [Theory]
    [InlineData(nameof(JobPhase.Account), "00:05:00")]
    [InlineData(nameof(JobPhase.AgentStart), "06:03:20")]
    [InlineData(nameof(JobPhase.Run), "06:03:20")]
    [InlineData(nameof(JobPhase.Kill), "00:06:30")]
    [InlineData(nameof(JobPhase.Prove), "00:06:30")]
    public void A_job_is_stuck_when_its_phase_exceeds_all_its_limits_by_the_patience(string phase, string longest)
    {
        var job = Guid.NewGuid();
        var timeline = new JobTimeline(job, _time);
        timeline.Begin(Enum.Parse<JobPhase>(phase));
        _board.Enter(job, timeline);

        _time.Advance(TimeSpan.Parse(longest, System.Globalization.CultureInfo.InvariantCulture) + _lifecycle.WatchdogTimeout);
        Assert.Null(_watchdog.Stuck());
        _time.Advance(Instant);
        Assert.Contains(job.ToString(), _watchdog.Stuck());
    }

    [Fact]
    public void What_an_earlier_run_saw_of_a_job_does_not_count()
    {
        _time.Advance(TimeSpan.FromDays(3));
        var life = new JobLife(Guid.NewGuid()) { Agent = new AgentRun(new ProcessIdentity(1, 1), 0) { AcquiredAt = 0 } };
        _board.Enter(life.Job, new JobTimeline(life, _time));
        Assert.Null(_watchdog.Stuck());
    }
}
