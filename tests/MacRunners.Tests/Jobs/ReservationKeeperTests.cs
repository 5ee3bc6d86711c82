using MacRunners.Buildkite;
using MacRunners.Jobs;
using MacRunners.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace MacRunners.Tests.Jobs;

public sealed class ReservationKeeperTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private static readonly Guid Job = Guid.Parse("0190f5a4-1111-4222-8333-444455556666");
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly SteppedTime _time = new();
    private readonly IJobSource _source = Substitute.For<IJobSource>();
    private readonly CancellationTokenSource _stop = new();
    private bool _waiting;

    public ReservationKeeperTests()
    {
        _source.GetStateAsync(Job, Cancel).ReturnsForAnyArgs(JobState.Reserved);
        _source.ReserveAsync([], Cancel).ReturnsForAnyArgs([Job]);
    }

    public void Dispose()
    {
        _time.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_reservation_is_extended_after_each_half_of_its_time()
    {
        await using var keeper = Keep();
        await LookAsync(times: 3);
        Assert.Equal(0, Reservations);

        await LookAsync();
        Assert.Equal(1, Reservations);
        await LookAsync(times: 3);
        Assert.Equal(1, Reservations);
        await LookAsync();
        Assert.Equal(2, Reservations);
        Assert.False(keeper.Provisioning.IsCancellationRequested);
    }

    [Theory]
    [InlineData("canceled")]
    [InlineData("canceling")]
    [InlineData("running")]
    [InlineData("expired")]
    public async Task A_job_that_is_not_ready_any_more_ends_provisioning(string state)
    {
        await using var keeper = Keep();
        await LookAsync();
        Assert.False(keeper.Provisioning.IsCancellationRequested);
        _source.GetStateAsync(Job, Cancel).ReturnsForAnyArgs(new JobState(state));

        await UntilLostAsync(keeper);

        Assert.Equal(new JobState(state), keeper.LostTo);
    }

    [Fact]
    public async Task A_reservation_that_is_not_extended_ends_provisioning()
    {
        _source.ReserveAsync([], Cancel).ReturnsForAnyArgs([Guid.NewGuid()]);
        await using var keeper = Keep();
        await LookAsync(times: 3);

        await UntilLostAsync(keeper);

        Assert.Equal(JobState.Reserved, keeper.LostTo);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("scheduled")]
    [InlineData("a state of the future")]
    public async Task A_job_that_neither_an_agent_has_nor_has_ended_is_kept(string? state)
    {
        _source.GetStateAsync(Job, Cancel).ReturnsForAnyArgs(state is null ? null : new JobState(state));
        await using var keeper = Keep();

        await LookAsync(times: 4);

        Assert.False(keeper.Provisioning.IsCancellationRequested);
        Assert.Equal(1, Reservations);
    }

    public static TheoryData<Exception> Errors => new()
    {
        new BuildkiteApiException(ApiErrorKind.Unavailable, default, "unavailable"),
        new IOException("the token cannot be read"),
    };

    [Theory]
    [MemberData(nameof(Errors), DisableDiscoveryEnumeration = true)]
    public async Task An_error_is_no_loss_and_the_next_look_tries_again(Exception error)
    {
        await using var keeper = Keep();
        _source.GetStateAsync(Job, Cancel).ThrowsAsyncForAnyArgs(error);
        await LookAsync(times: 3);
        _source.GetStateAsync(Job, Cancel).ReturnsForAnyArgs(JobState.Reserved);
        _source.ReserveAsync([], Cancel).ThrowsAsyncForAnyArgs(error);

        await LookAsync(times: 2);

        Assert.Equal(2, Reservations);
        Assert.False(keeper.Provisioning.IsCancellationRequested);
        Assert.Null(keeper.LostTo);
    }

    [Fact]
    public async Task Disposal_ends_the_looks()
    {
        var keeper = Keep();
        await LookAsync();
        _source.ClearReceivedCalls();

        await keeper.DisposeAsync();
        _time.Advance(Interval * 10);

        Assert.Empty(_source.ReceivedCalls());
    }

    [Fact]
    public async Task Disposal_does_not_wait_for_an_answer()
    {
        _source.GetStateAsync(Job, Cancel).ReturnsForAnyArgs(call => NeverAsync(call.Arg<CancellationToken>()));
        var keeper = Keep();
        await _time.UntilWaitingAsync();
        _time.Advance(Interval);

        await keeper.DisposeAsync();

        Assert.Null(keeper.LostTo);
    }

    [Fact]
    public async Task The_daemons_stop_ends_provisioning_without_a_loss()
    {
        await using var keeper = Keep();

        await _stop.CancelAsync();

        Assert.True(keeper.Provisioning.IsCancellationRequested);
        Assert.Null(keeper.LostTo);
    }

    private static async Task<JobState?> NeverAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return null;
    }

    private int Reservations => _source.ReceivedCalls().Count(call => call.GetMethodInfo().Name == nameof(IJobSource.ReserveAsync));

    // Half of 30 s, looked at every 5 s: the first look after it is the fourth.
    private ReservationKeeper Keep() => new(
        _source,
        Job,
        new JobsOptions { StateCheckInterval = Interval },
        new BuildkiteOptions { Reservation = TimeSpan.FromSeconds(30) },
        _time,
        NullLogger.Instance,
        _stop.Token);

    private async Task LookAsync(int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            if (!_waiting)
            {
                await _time.UntilWaitingAsync();
            }

            _time.Advance(Interval);
            await _time.UntilWaitingAsync();
            _waiting = true;
        }
    }

    private async Task UntilLostAsync(ReservationKeeper keeper)
    {
        var lost = new TaskCompletionSource();
        await using var registration = keeper.Provisioning.Register(lost.SetResult);
        _time.Advance(Interval);
        await lost.Task.WaitAsync(TestContext.Current.CancellationToken);
    }
}
