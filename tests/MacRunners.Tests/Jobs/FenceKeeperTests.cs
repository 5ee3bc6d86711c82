using MacRunners.Health;
using MacRunners.Health.Checks;
using MacRunners.Jobs;
using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace MacRunners.Tests.Jobs;

public sealed class FenceKeeperTests : IAsyncDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly SteppedTime _time = new();
    private readonly ScriptedFence _fence = new();
    private FenceKeeper? _keeper;

    public async ValueTask DisposeAsync()
    {
        if (_keeper is not null)
        {
            await _keeper.StopAsync(Cancel);
            _keeper.Dispose();
        }

        _time.Dispose();
    }

    [Fact]
    public async Task Once_started_it_stands()
    {
        var keeper = await StartAsync();

        Assert.Null(keeper.Problem);
        Assert.Equal(["apply", "look"], _fence.Calls);
        Assert.Equal(HealthStatus.Healthy, await CheckAsync(keeper));
    }

    [Fact]
    public async Task What_was_taken_down_is_put_up_again_and_believed_after_three_good_looks()
    {
        var keeper = await StartAsync();
        _fence.IsUp = false;

        await LookAsync(FenceKeeper.Period);
        Assert.Contains("missing: all of it", keeper.Problem, StringComparison.Ordinal);
        Assert.True(_fence.IsUp);
        Assert.Equal(HealthStatus.Unhealthy, await CheckAsync(keeper));

        for (var look = 1; look < SteadyVerdict.GoodLooks; look++)
        {
            await LookAsync(FenceKeeper.SoonAgain);
            Assert.NotNull(keeper.Problem);
        }

        await LookAsync(FenceKeeper.SoonAgain);
        Assert.Null(keeper.Problem);
    }

    [Fact]
    public async Task Taken_down_again_and_again_it_is_never_believed()
    {
        var keeper = await StartAsync();
        _fence.IsUp = false;
        await LookAsync(FenceKeeper.Period);

        for (var round = 0; round < 10; round++)
        {
            await LookAsync(FenceKeeper.SoonAgain);
            _fence.IsUp = false;
            await LookAsync(FenceKeeper.SoonAgain);
            Assert.NotNull(keeper.Problem);
        }
    }

    [Fact]
    public async Task While_the_filter_does_not_work_the_problem_says_why_and_ends_by_itself()
    {
        _fence.Fault = "nft is missing";
        var keeper = await StartAsync();
        Assert.Contains("nft is missing", keeper.Problem, StringComparison.Ordinal);
        Assert.Equal("install it", keeper.Remedy);

        _fence.Fault = null;
        for (var look = 0; look <= SteadyVerdict.GoodLooks; look++)
        {
            await LookAsync(FenceKeeper.SoonAgain);
        }

        Assert.Null(keeper.Problem);
        Assert.True(_fence.IsUp);
    }

    [Fact]
    public async Task Switched_off_it_removes_what_an_earlier_start_left_and_keeps_no_job_away()
    {
        _fence.IsUp = true;
        var keeper = await StartAsync(wanted: false);

        Assert.Null(keeper.Problem);
        Assert.False(_fence.IsUp);
        Assert.Contains("switched off", keeper.Detail, StringComparison.Ordinal);
        Assert.Equal(["remove"], _fence.Calls);
    }

    [Fact]
    public async Task When_the_daemon_ends_it_stays()
    {
        var keeper = await StartAsync();
        await keeper.StopAsync(Cancel);

        Assert.True(_fence.IsUp);
    }

    private async Task<FenceKeeper> StartAsync(bool wanted = true)
    {
        var platform = Substitute.For<IPlatform>();
        platform.Fence.Returns(_fence);
        _keeper = new FenceKeeper(
            platform, new FencePlan("macrunners", 1, 2, [], []), Options.Create(new NetworkOptions { Fence = wanted }), _time, NullLogger<FenceKeeper>.Instance);
        await _keeper.StartAsync(Cancel);
        if (wanted)
        {
            await _time.UntilWaitingAsync();
        }

        return _keeper;
    }

    private Task LookAsync(TimeSpan after)
    {
        _time.Advance(after);
        return _time.UntilWaitingAsync();
    }

    private static async Task<HealthStatus> CheckAsync(IFenceState state) =>
        (await new FenceCheck(state).CheckHealthAsync(new HealthCheckContext(), Cancel)).Status;

    private sealed class ScriptedFence : INetworkFence
    {
        public List<string> Calls { get; } = [];

        public bool IsUp { get; set; }

        public string? Fault { get; set; }

        public string Remedy => "install it";

        public string Describe(FencePlan plan) => "a list";

        public string Rules(FencePlan plan) => "";

        public Task TryAsync(FencePlan plan, CancellationToken cancellationToken) => Note("try");

        public async Task ApplyAsync(FencePlan plan, CancellationToken cancellationToken)
        {
            await Note("apply");
            IsUp = true;
        }

        public async Task<IReadOnlyList<string>> LookAsync(FencePlan plan, CancellationToken cancellationToken)
        {
            await Note("look");
            return IsUp ? [] : ["missing: all of it"];
        }

        public async Task RemoveAsync(FencePlan plan, CancellationToken cancellationToken)
        {
            await Note("remove");
            IsUp = false;
        }

        private Task Note(string call)
        {
            Calls.Add(call);
            return Fault is null ? Task.CompletedTask : Task.FromException(new ToolException(Fault));
        }
    }
}
