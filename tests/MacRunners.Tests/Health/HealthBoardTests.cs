using MacRunners.Health;
using MacRunners.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace MacRunners.Tests.Health;

public sealed class HealthBoardTests
{
    [Fact]
    public async Task Since_moves_with_the_status_and_not_with_the_details()
    {
        var check = new ScriptedCheck(Finding.Healthy("one"), Finding.Healthy("two"), Finding.Unhealthy("three", "do"), Finding.Unhealthy("four", "do"));
        using var board = Board(TimeProvider.System, ("a", check));
        await board.StartAsync(TestContext.Current.CancellationToken);
        var first = await NextAsync(board, check, "one");
        var second = await NextAsync(board, check, "two");
        var third = await NextAsync(board, check, "three");
        var fourth = await NextAsync(board, check, "four");
        await board.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(first.Since, second.Since);
        Assert.True(third.Since > second.Since);
        Assert.Equal(third.Since, fourth.Since);
        Assert.Equal("do", fourth.Remedy);
    }

    [Fact]
    public async Task A_check_that_hangs_is_reported_and_holds_nothing_up()
    {
        var hanging = new HangingCheck();
        var other = new ScriptedCheck(Finding.Healthy("fine"));
        var time = new FakeTimeProvider();
        using var board = Board(time, ("hanging", hanging), ("other", other));
        await board.StartAsync(TestContext.Current.CancellationToken);
        await hanging.Asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        await UntilAsync(() => Of(board, "other").Detail == "fine");
        await UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Of(board, "hanging").Detail.StartsWith("no answer", StringComparison.Ordinal);
        });
        Assert.Equal(HealthStatus.Healthy, Of(board, "other").Status);
        Assert.Equal(HealthStatus.Unhealthy, board.Status);
        Assert.Equal(1, hanging.Calls);
        await board.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_check_that_throws_is_unhealthy()
    {
        var check = new ScriptedCheck();
        using var board = Board(TimeProvider.System, ("a", check));
        await board.StartAsync(TestContext.Current.CancellationToken);
        await UntilAsync(() => Of(board, "a").Detail.Contains("nothing to say", StringComparison.Ordinal));
        Assert.Equal(HealthStatus.Unhealthy, board.Status);
        await board.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_seldom_look_is_repeated_soon_while_it_decides_whether_a_check_is_well_again()
    {
        var check = new CountedCheck(Finding.Unhealthy("away", "do"), Finding.Healthy("back"));
        var time = new FakeTimeProvider();
        using var board = Board(time, ("a", check));
        var began = time.GetUtcNow();
        await board.StartAsync(TestContext.Current.CancellationToken);
        await UntilAsync(() => Of(board, "a").Detail == "away");
        var since = Of(board, "a").Since;
        Assert.Equal(began, since);

        // The registration's own pause, then short ones.
        await LookAgainAsync(TimeSpan.FromDays(1));
        Assert.Equal((HealthStatus.Unhealthy, since), (Of(board, "a").Status, Of(board, "a").Since));
        await LookAgainAsync(TimeSpan.FromSeconds(5));
        Assert.Equal((HealthStatus.Unhealthy, since), (Of(board, "a").Status, Of(board, "a").Since));
        await LookAgainAsync(TimeSpan.FromSeconds(5));
        Assert.Equal((HealthStatus.Healthy, "back"), (Of(board, "a").Status, Of(board, "a").Detail));
        Assert.InRange(Of(board, "a").Since, since.AddSeconds(10), time.GetUtcNow());
        await board.StopAsync(TestContext.Current.CancellationToken);

        async Task LookAgainAsync(TimeSpan pause)
        {
            var (looks, detail) = (check.Looks, Of(board, "a").Detail);
            await UntilAsync(() =>
            {
                // The pause may not have begun yet; a clock that is set forward before that moves nothing.
                if (check.Looks == looks)
                {
                    time.Advance(TimeSpan.FromTicks(pause.Ticks / 10));
                }

                return check.Looks > looks && Of(board, "a").Detail != detail;
            });
        }
    }

    private static HealthBoard Board(TimeProvider time, params (string Name, IHealthCheck Check)[] checks)
    {
        var options = new HealthCheckServiceOptions();
        foreach (var (name, check) in checks)
        {
            // One look only, where the clock is the test's: it would run ahead of a second one.
            options.Registrations.Add(new HealthCheckRegistration(name, check, null, null) { Period = time is FakeTimeProvider ? TimeSpan.FromDays(1) : null });
        }

        return new HealthBoard(
            Options.Create(options),
            new ServiceCollection().BuildServiceProvider(),
            Options.Create(new HealthOptions { RefreshInterval = TimeSpan.FromMilliseconds(1) }),
            time,
            NullLogger<HealthBoard>.Instance);
    }

    private static async Task<CheckState> NextAsync(HealthBoard board, ScriptedCheck check, string detail)
    {
        await UntilAsync(() => Of(board, "a").Detail == detail);
        var state = Of(board, "a");
        check.Advance();
        return state;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private static CheckState Of(HealthBoard board, string name) => board.Checks.Single(check => check.Name == name);

    private sealed class ScriptedCheck(params HealthCheckResult[] results) : IHealthCheck
    {
        private int _position;

        public void Advance() => Interlocked.Increment(ref _position);

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            results.Length > 0
                ? Task.FromResult(results[Math.Min(Volatile.Read(ref _position), results.Length - 1)])
                : throw new InvalidOperationException("nothing to say");
    }

    /// <summary>Finds the first result once, then the second.</summary>
    private sealed class CountedCheck(HealthCheckResult first, HealthCheckResult then) : IHealthCheck
    {
        private int _looks;

        public int Looks => Volatile.Read(ref _looks);

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(Interlocked.Increment(ref _looks) == 1 ? first : then);
    }

    private sealed class HangingCheck : IHealthCheck
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Calls { get; private set; }

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            Calls++;
            Asked.TrySetResult();
            return new TaskCompletionSource<HealthCheckResult>().Task;
        }
    }
}
