using MacRunners.Buildkite;
using MacRunners.Jobs;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace MacRunners.Tests.Jobs;

public sealed class SlowStartNoticesTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly SteppedTime _time = new();
    private readonly IJobSource _source = Substitute.For<IJobSource>();
    private readonly JobLife _life = new(Guid.NewGuid());
    private readonly JobTimeline _timeline;

    public SlowStartNoticesTests() => _timeline = new JobTimeline(_life.Job, _time);

    public void Dispose() => _time.Dispose();

    [Fact]
    public async Task A_job_that_waits_too_long_for_its_account_is_told_once_and_then_every_minute()
    {
        await using var notices = await WatchAsync();
        await PassAsync(Patience - Second);
        Assert.Empty(Told);

        await PassAsync(Second);
        await PassAsync(SlowStartNotices.Repetition - Second);
        Assert.Equal([$"Waiting for its account on {Environment.MachineName} (15 s so far)"], Told);

        await PassAsync(Second);
        Assert.Equal($"Waiting for its account on {Environment.MachineName} (75 s so far)", Told[^1]);
        Assert.Equal(2, Told.Count);
    }

    [Fact]
    public async Task Each_phase_has_its_own_patience_and_words()
    {
        await using var notices = await WatchAsync();
        await PassAsync(Patience);
        _life.Enter(JobStage.AccountCreated);
        _timeline.Begin(JobPhase.AgentStart);
        await PassAsync(Patience - Second);
        Assert.Single(Told);

        await PassAsync(Second);
        Assert.Contains("its token and the start of its agent on", Told[^1], StringComparison.Ordinal);
        _life.Enter(JobStage.AgentStarted);
        await PassAsync(SlowStartNotices.Repetition);
        Assert.Contains("its agent to take it on", Told[^1], StringComparison.Ordinal);
        Assert.Equal(3, Told.Count);
    }

    [Theory]
    [InlineData(nameof(JobPhase.Run))]
    [InlineData(nameof(JobPhase.Kill))]
    public async Task Nothing_is_told_once_the_job_runs_or_is_torn_down(string phase)
    {
        var notices = await WatchAsync();
        _timeline.Begin(Enum.Parse<JobPhase>(phase));

        _time.Advance(TimeSpan.FromMinutes(10));
        await notices.DisposeAsync();

        Assert.Empty(Told);
    }

    [Fact]
    public async Task A_quick_start_is_not_worth_a_word()
    {
        var notices = await WatchAsync();
        await PassAsync(Patience - Second);

        await notices.DisposeAsync();
        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.Empty(Told);
    }

    public static TheoryData<Exception> Errors => new()
    {
        new BuildkiteApiException(ApiErrorKind.Unavailable, default, "unavailable"),
        new IOException("the token cannot be read"),
    };

    [Theory]
    [MemberData(nameof(Errors), DisableDiscoveryEnumeration = true)]
    public async Task A_failure_to_tell_is_harmless_and_not_repeated_before_the_next_notice_is_due(Exception error)
    {
        _source.NotifyAsync(_life.Job, "", Cancel).ThrowsAsyncForAnyArgs(error);
        await using var notices = await WatchAsync();
        await PassAsync(Patience);
        await PassAsync(Second);
        Assert.Single(Told);

        await PassAsync(SlowStartNotices.Repetition);

        Assert.Equal(2, Told.Count);
    }

    [Fact]
    public async Task The_end_does_not_wait_for_an_answer()
    {
        _source.NotifyAsync(_life.Job, "", Cancel).ReturnsForAnyArgs(call => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, call.Arg<CancellationToken>()));
        var notices = await WatchAsync();
        _time.Advance(Patience);
        while (Told.Count == 0)
        {
            Cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        await notices.DisposeAsync();
    }

    private List<string> Told =>
        [.. _source.ReceivedCalls().Where(call => call.GetMethodInfo().Name == nameof(IJobSource.NotifyAsync)).Select(call => (string)call.GetArguments()[1]!)];

    private async Task<SlowStartNotices> WatchAsync()
    {
        var notices = new SlowStartNotices(_source, _life, _timeline, new JobsOptions { NotifyAfter = Patience }, _time, NullLogger.Instance);
        await _time.UntilWaitingAsync();
        return notices;
    }

    private Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return _time.UntilWaitingAsync();
    }
}
