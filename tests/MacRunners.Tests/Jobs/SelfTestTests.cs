using MacRunners.Health;
using MacRunners.Jobs;
using MacRunners.Platform.Linux;
using MacRunners.Settings;
using MacRunners.Telemetry;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MacRunners.Tests.Jobs;

public sealed class SelfTestTests : IAsyncDisposable
{
    private static readonly JobVerdict Fault = new(JobOutcome.NotStarted, "no account for 0190f5a4", TellBuildkite: true, IsMachinesFault: true);
    private static readonly JobVerdict Ran = new(JobOutcome.Finished);
    private static readonly CanaryEnd Passed = new(SelfTestResult.Passed);
    private static readonly CanaryEnd Failed = new(SelfTestResult.Failed, "no account");
    private readonly SteppedTime _time = new();
    private readonly ScriptedCanary _canary = new();
    private readonly JobBoard _board = new();
    private readonly Scratch _state = new();
    private readonly Admission _admission;
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly JobsOptions _jobs = new();
    private readonly SelfTest _test;
    private Task _running = Task.CompletedTask;

    public SelfTestTests()
    {
        _admission = new Admission(Options.Create(new PathsOptions { State = _state.Folder }), new LinuxFileCalls(), _time, NullLogger<Admission>.Instance);
        _test = new SelfTest(_canary, _admission, _board, new DaemonMetrics("0", "linux"), Options.Create(_jobs), _time, NullLogger<SelfTest>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_running);
        _stop.Dispose();
        _time.Dispose();
        _state.Dispose();
    }

    [Fact]
    public async Task A_drained_machine_is_tested_all_the_same_and_a_held_one_only_afterwards()
    {
        _admission.Close("new disk");
        await StartAsync(Passed);
        Assert.Null(_test.WhyNot);

        using (_admission.TryHold("a sweep is under way"))
        {
            await PassAsync(_jobs.CanaryInterval);
            Assert.Equal(1, _canary.Runs);
        }

        await PassAsync(SelfTest.Look);
        Assert.Equal(2, _canary.Runs);
    }

    [Fact]
    public async Task No_job_is_taken_before_the_first_canary_has_passed()
    {
        Assert.True(_test.IsPending);
        Assert.NotNull(_test.WhyNot);
        var turned = _test.Turned;

        await StartAsync(Passed);

        Assert.Null(_test.WhyNot);
        Assert.Null(_test.Problem);
        Assert.False(_test.IsPending);
        Assert.True(turned.IsCompleted);
        Assert.Equal(_time.GetUtcNow(), _test.PassedAt);
    }

    [Fact]
    public async Task What_hinders_the_canary_is_no_failure_and_it_runs_as_soon_as_that_is_over()
    {
        await StartAsync(null);
        await PassAsync(SelfTest.Look);
        await PassAsync(SelfTest.Look);
        Assert.Equal(3, _canary.Runs);
        Assert.True(_test.IsPending);

        _canary.Next = Passed;
        await PassAsync(SelfTest.Look);

        Assert.Null(_test.WhyNot);
    }

    [Fact]
    public async Task A_canary_that_fails_is_repeated_after_growing_pauses_and_its_reason_is_told()
    {
        await StartAsync(Failed);
        Assert.Equal("the self-test failed: no account", _test.Problem);
        Assert.False(_test.IsPending);

        foreach (var minutes in new[] { 1, 2, 4, 8, 16, 30, 30 })
        {
            var runs = _canary.Runs;
            await PassAsync(TimeSpan.FromMinutes(minutes) - SelfTest.Look);
            Assert.Equal(runs, _canary.Runs);
            await PassAsync(SelfTest.Look);
            Assert.Equal(runs + 1, _canary.Runs);
        }

        _canary.Next = Passed;
        await PassAsync(SelfTest.LongestPause);
        Assert.Null(_test.WhyNot);

        // It begins with the shortest pause again.
        _canary.Next = Failed;
        await PassAsync(_jobs.CanaryInterval);
        Assert.NotNull(_test.WhyNot);
        _canary.Next = Passed;
        await PassAsync(SelfTest.ShortestPause);
        Assert.Null(_test.WhyNot);
    }

    [Fact]
    public async Task After_three_faults_of_the_machine_in_a_row_no_job_is_taken_until_a_canary_has_passed()
    {
        await StartAsync(Passed);
        _test.JobEnded(Fault);
        _test.JobEnded(Fault);
        Assert.Null(_test.WhyNot);
        var turned = _test.Turned;

        _test.JobEnded(Fault);

        Assert.True(turned.IsCompleted);
        Assert.Equal(3, _test.FailuresInARow);
        Assert.Equal("3 jobs in a row could not be started by this machine's own fault", _test.Problem);
        Assert.Equal("3 jobs in a row could not be started by this machine's own fault, the last one because: no account for 0190f5a4", _test.WhyNot);
        await PassAsync(SelfTest.ShortestPause - SelfTest.Look);
        Assert.Equal(1, _canary.Runs);
        await PassAsync(SelfTest.Look);
        Assert.Equal(2, _canary.Runs);
        Assert.Null(_test.WhyNot);
    }

    [Fact]
    public async Task Until_a_job_has_run_one_further_fault_is_enough_and_the_pause_is_longer()
    {
        await StartAsync(Passed);
        FailJobs();
        await PassAsync(SelfTest.ShortestPause);
        Assert.Null(_test.WhyNot);

        _test.JobEnded(Fault);
        Assert.NotNull(_test.WhyNot);
        await PassAsync(SelfTest.ShortestPause);
        Assert.NotNull(_test.WhyNot);
        await PassAsync(SelfTest.ShortestPause);
        Assert.Null(_test.WhyNot);

        _test.JobEnded(Ran);
        Assert.Equal(0, _test.FailuresInARow);
        FailJobs();
        await PassAsync(SelfTest.ShortestPause);
        Assert.Null(_test.WhyNot);
    }

    [Fact]
    public async Task A_canary_that_fails_then_keeps_the_jobs_away_longer()
    {
        await StartAsync(Passed);
        FailJobs();
        _canary.Next = Failed;

        await PassAsync(SelfTest.ShortestPause);

        Assert.Equal("the self-test failed: no account", _test.Problem);
        _canary.Next = Passed;
        await PassAsync(SelfTest.ShortestPause);
        Assert.Null(_test.WhyNot);
    }

    [Theory]
    [InlineData(nameof(JobOutcome.Finished))]
    [InlineData(nameof(JobOutcome.TimedOut))]
    [InlineData(nameof(JobOutcome.Lost))]
    public async Task A_job_that_ran_ends_the_row(string outcome)
    {
        await StartAsync(Passed);
        _test.JobEnded(Fault);
        _test.JobEnded(Fault);
        _test.JobEnded(new JobVerdict(Enum.Parse<JobOutcome>(outcome)));

        _test.JobEnded(Fault);

        Assert.Equal(1, _test.FailuresInARow);
        Assert.Null(_test.WhyNot);
    }

    [Theory]
    [InlineData(nameof(JobOutcome.Cancelled))]
    [InlineData(nameof(JobOutcome.TakenElsewhere))]
    [InlineData(nameof(JobOutcome.Stopped))]
    [InlineData(nameof(JobOutcome.NotStarted))]
    public async Task What_is_neither_a_run_nor_the_machines_fault_says_nothing_about_it(string outcome)
    {
        await StartAsync(Passed);
        _test.JobEnded(Fault);
        for (var i = 0; i < 5; i++)
        {
            _test.JobEnded(new JobVerdict(Enum.Parse<JobOutcome>(outcome)));
        }

        Assert.Equal(1, _test.FailuresInARow);
        Assert.Null(_test.WhyNot);
    }

    [Fact]
    public async Task Jobs_that_fail_while_the_canary_runs_speak_against_the_machine_all_the_same()
    {
        await StartAsync(Passed);
        _canary.During = () =>
        {
            _test.JobEnded(Fault);
            _test.JobEnded(Fault);
            _test.JobEnded(Fault);
            _canary.During = null;
        };

        await PassAsync(_jobs.CanaryInterval);

        Assert.NotNull(_test.WhyNot);
        await PassAsync(SelfTest.ShortestPause);
        Assert.Null(_test.WhyNot);
    }

    [Fact]
    public async Task A_machine_that_does_well_is_tested_again_when_it_is_idle()
    {
        await StartAsync(Passed);
        await PassAsync(_jobs.CanaryInterval - SelfTest.Look);
        Assert.Equal(1, _canary.Runs);
        var job = Guid.NewGuid();
        _board.Enter(job, new JobTimeline(job, _time));
        await PassAsync(_jobs.CanaryInterval);
        Assert.Equal(1, _canary.Runs);

        _board.Leave(new EndedJob(job, JobOutcome.Finished, _time.GetUtcNow(), []));
        await PassAsync(SelfTest.Look);

        Assert.Equal(2, _canary.Runs);
        await PassAsync(SelfTest.Look);
        Assert.Equal(2, _canary.Runs);
    }

    [Fact]
    public async Task Without_an_interval_a_machine_that_does_well_is_not_tested_again()
    {
        _jobs.CanaryInterval = TimeSpan.Zero;
        await StartAsync(Passed);

        await PassAsync(TimeSpan.FromDays(30));

        Assert.Equal(1, _canary.Runs);
    }

    [Fact]
    public async Task A_journal_that_cannot_be_written_is_not_passed_over()
    {
        _canary.During = () => throw new IOException("disk full");

        await Assert.ThrowsAsync<IOException>(() => _test.RunAsync(_stop.Token));
    }

    private void FailJobs()
    {
        for (var i = 0; i < SelfTest.MostFailures; i++)
        {
            _test.JobEnded(Fault);
        }

        Assert.NotNull(_test.WhyNot);
    }

    private Task StartAsync(CanaryEnd? end)
    {
        _canary.Next = end;
        _running = _test.RunAsync(_stop.Token);
        return _time.UntilWaitingAsync();
    }

    private Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return _time.UntilWaitingAsync();
    }

    private sealed class ScriptedCanary : ICanary
    {
        public CanaryEnd? Next { get; set; }

        public Action? During { get; set; }

        public int Runs { get; private set; }

        public Task<CanaryEnd?> RunAsync(CancellationToken cancellationToken)
        {
            Runs++;
            During?.Invoke();
            return Task.FromResult(Next);
        }
    }
}
