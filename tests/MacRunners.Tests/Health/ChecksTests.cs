using MacRunners.Health;
using MacRunners.Health.Checks;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Settings;
using MacRunners.Tests.Hosting;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace MacRunners.Tests.Health;

public sealed class ChecksTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeDispatcher _dispatcher = new();

    [Theory]
    [InlineData(1, null, HealthStatus.Healthy)]
    [InlineData(1, "503", HealthStatus.Degraded)]
    [InlineData(119, "503", HealthStatus.Degraded)]
    [InlineData(121, "503", HealthStatus.Unhealthy)]
    [InlineData(121, null, HealthStatus.Unhealthy)]
    public async Task Buildkite_is_judged_by_the_last_good_poll(int secondsAgo, string? error, HealthStatus expected)
    {
        _dispatcher.SinceLastSuccessfulPoll = TimeSpan.FromSeconds(secondsAgo);
        _dispatcher.LastError = error;
        Assert.Equal(expected, (await BuildkiteAsync()).Status);
    }

    [Theory]
    [InlineData(1, HealthStatus.Healthy)]
    [InlineData(2, HealthStatus.Degraded)]
    public async Task One_failed_poll_is_no_news_and_the_second_in_a_row_is(int failed, HealthStatus expected)
    {
        _dispatcher.SinceLastSuccessfulPoll = TimeSpan.FromSeconds(20);
        (_dispatcher.LastError, _dispatcher.FailedPolls) = ("503", failed);
        var result = await BuildkiteAsync();

        Assert.Equal(expected, result.Status);
        Assert.Contains("503", result.Description);
    }

    [Fact]
    public async Task A_daemon_that_never_reached_buildkite_is_degraded_first_and_then_unhealthy()
    {
        var check = BuildkiteCheck();
        Assert.Equal(HealthStatus.Degraded, (await LookAsync(check)).Status);
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(HealthStatus.Unhealthy, (await LookAsync(check)).Status);
    }

    [Fact]
    public async Task A_wall_clock_that_is_set_is_no_silence()
    {
        _dispatcher.LastSuccessfulPoll = _time.GetUtcNow().AddDays(-1);
        _dispatcher.SinceLastSuccessfulPoll = TimeSpan.FromSeconds(1);
        Assert.Equal(HealthStatus.Healthy, (await BuildkiteAsync()).Status);
    }

    [Fact]
    public async Task A_long_pause_between_polls_is_no_silence()
    {
        _dispatcher.SinceLastSuccessfulPoll = TimeSpan.FromMinutes(11);
        Assert.Equal(HealthStatus.Healthy, (await BuildkiteAsync(TimeSpan.FromMinutes(4))).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(30)]
    [InlineData(240)]
    public async Task One_failed_poll_is_no_silence_however_long_the_pauses_are(int busyPollInterval)
    {
        // A pause, a call without an answer, and four times the pause, each of them a fifth longer than usual.
        _dispatcher.SinceLastSuccessfulPoll = TimeSpan.FromSeconds((1.2 * 5 * busyPollInterval) + 30);
        (_dispatcher.LastError, _dispatcher.FailedPolls) = ("503", 1);
        Assert.Equal(HealthStatus.Healthy, (await BuildkiteAsync(TimeSpan.FromSeconds(busyPollInterval))).Status);

        _dispatcher.SinceLastSuccessfulPoll = TimeSpan.FromSeconds(Math.Max(120, (1.2 * 5 * busyPollInterval) + 30) + 1);
        Assert.Equal(HealthStatus.Unhealthy, (await BuildkiteAsync(TimeSpan.FromSeconds(busyPollInterval))).Status);
    }

    [Theory]
    [InlineData(nameof(DispatcherState.Starting), HealthStatus.Degraded)]
    [InlineData(nameof(DispatcherState.Paused), HealthStatus.Healthy)]
    [InlineData(nameof(DispatcherState.Draining), HealthStatus.Healthy)]
    public async Task The_dispatcher_s_state_is_told(string state, HealthStatus expected)
    {
        _dispatcher.SinceLastSuccessfulPoll = TimeSpan.Zero;
        _dispatcher.State = Enum.Parse<DispatcherState>(state);
        Assert.Equal(expected, (await BuildkiteAsync()).Status);
    }

    [Fact]
    public async Task A_dirty_machine_is_unhealthy_and_does_not_name_the_job_to_everybody()
    {
        Assert.Equal(HealthStatus.Healthy, (await LookAsync(new TeardownCheck(new Dirt(null)))).Status);
        var result = await LookAsync(new TeardownCheck(new Dirt("bk-1234: process 7 survived")));
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.Contains("dirty since", result.Description);
        Assert.DoesNotContain("bk-1234", result.Description);
    }

    [Theory]
    [InlineData(null, false, HealthStatus.Healthy)]
    [InlineData("not passed yet", true, HealthStatus.Degraded)]
    [InlineData("3 jobs in a row", false, HealthStatus.Unhealthy)]
    public async Task A_self_test_that_waits_degrades_and_one_that_failed_is_unhealthy(string? problem, bool isPending, HealthStatus expected)
    {
        var result = await LookAsync(new SelfTestCheck(new FakeSelfTest { Problem = problem, IsPending = isPending }));
        Assert.Equal(expected, result.Status);
        Assert.Equal(problem ?? "passed at 1970-01-01 00:00:00Z", result.Description);
    }

    [Theory]
    [InlineData(0, HealthStatus.Healthy)]
    [InlineData(long.MaxValue / 4, HealthStatus.Unhealthy)]
    public async Task A_disk_is_judged_by_its_free_bytes(long required, HealthStatus expected)
    {
        var check = new DiskCheck(new FreeSpace(new LinuxFileCalls(), Options.Create(new PathsOptions { State = "/", Homes = "/" }), Options.Create(new HealthOptions { MinFreeBytes = required })));
        Assert.Equal(expected, (await LookAsync(check)).Status);
    }

    [Fact]
    public async Task A_disk_with_less_than_twice_the_required_bytes_is_degraded()
    {
        var required = (long)(new DriveInfo("/").AvailableFreeSpace / 1.5);
        var check = new DiskCheck(new FreeSpace(new LinuxFileCalls(), Options.Create(new PathsOptions { State = "/", Homes = "/" }), Options.Create(new HealthOptions { MinFreeBytes = required })));
        Assert.Equal(HealthStatus.Degraded, (await LookAsync(check)).Status);
    }

    [Fact]
    public async Task A_disk_that_cannot_be_looked_at_is_unhealthy_and_says_why()
    {
        var result = await LookAsync(new DiskCheck(new FreeSpace(
            new LinuxFileCalls(), Options.Create(new PathsOptions { State = "/", Homes = "/nowhere/homes" }), Options.Create(new HealthOptions { MinFreeBytes = 0 }))));
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.Contains("cannot be looked at: ", result.Description, StringComparison.Ordinal);
        Assert.Contains("/nowhere/homes", result.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, HealthStatus.Healthy)]
    [InlineData(long.MaxValue, HealthStatus.Degraded)]
    public async Task Little_memory_degrades(long required, HealthStatus expected) =>
        Assert.Equal(expected, (await LookAsync(new MemoryCheck(new LinuxHost(), Options.Create(new HealthOptions { MinFreeMemoryBytes = required })))).Status);

    [Theory]
    [InlineData(null, null, null, HealthStatus.Healthy, "nothing grows")]
    [InlineData(2_621_440L, false, null, HealthStatus.Healthy, "2560 KiB; Spotlight does not index")]
    [InlineData(2_621_441L, false, null, HealthStatus.Unhealthy, "more than Health:MaxBackgroundTaskBytes")]
    [InlineData(0L, true, null, HealthStatus.Degraded, "Spotlight indexes the files of jobs")]
    [InlineData(null, false, "how large it is is not known", HealthStatus.Degraded, "how large it is is not known")]
    public async Task What_many_accounts_let_grow_is_capped_or_at_least_told(long? bytes, bool? indexes, string? unknown, HealthStatus expected, string detail)
    {
        var growth = Growth(bytes, indexes, unknown);

        var result = await LookAsync(new GrowthCheck(growth));

        Assert.Equal(expected, result.Status);
        Assert.Contains(detail, result.Description);
        Assert.Equal(expected == HealthStatus.Unhealthy, growth.Problem is not null);
    }

    [Fact]
    public async Task Without_a_limit_a_database_of_any_size_is_fine() =>
        Assert.Equal(HealthStatus.Healthy, (await LookAsync(new GrowthCheck(Growth(long.MaxValue, false, limit: 0)))).Status);

    [Fact]
    public async Task A_state_folder_that_cannot_be_written_is_unhealthy()
    {
        using var scratch = RootFolder.Create();
        using var journal = JournalFile.Open(scratch.Folder, "boot", "test", 799999, new LinuxFileCalls(), _time, NullLogger<JournalFile>.Instance);
        var check = new JournalCheck(journal, Options.Create(new PathsOptions { State = scratch.Folder }), _time);
        Assert.Equal(HealthStatus.Healthy, (await LookAsync(check)).Status);

        Scratch.Shell("chattr +i $1/journal.probe", scratch.Folder);
        Assert.Equal(HealthStatus.Unhealthy, (await LookAsync(check)).Status);
    }

    [Fact]
    public async Task A_state_folder_on_a_full_disk_is_unhealthy_until_there_is_room()
    {
        using var disk = new SmallDisk();
        using var journal = JournalFile.Open(disk.Folder, "boot", "test", 799999, new LinuxFileCalls(), _time, NullLogger<JournalFile>.Instance);
        var check = new JournalCheck(journal, Options.Create(new PathsOptions { State = disk.Folder }), _time);
        disk.Fill();

        var full = await LookAsync(check);
        Assert.Equal(HealthStatus.Unhealthy, full.Status);
        Assert.Contains("No space left", full.Description);

        disk.Empty();
        Assert.Equal(HealthStatus.Healthy, (await LookAsync(check)).Status);
    }

    private static GrowthWatch Growth(long? bytes, bool? indexes, string? unknown = null, long? limit = null)
    {
        var platform = Substitute.For<IPlatform>();
        platform.Growth.LookAsync("/homes", TestContext.Current.CancellationToken).Returns(new SystemGrowth(bytes, indexes, unknown is null ? [] : [unknown]));
        var health = new HealthOptions();
        health.MaxBackgroundTaskBytes = limit ?? health.MaxBackgroundTaskBytes;
        return new GrowthWatch(platform, Options.Create(new PathsOptions { Homes = "/homes" }), Options.Create(health));
    }

    private BuildkiteCheck BuildkiteCheck(TimeSpan? busyPollInterval = null) => new(
        _dispatcher,
        Options.Create(new HealthOptions()),
        Options.Create(new BuildkiteOptions { BusyPollInterval = busyPollInterval ?? TimeSpan.FromSeconds(15) }),
        _time);

    private Task<HealthCheckResult> BuildkiteAsync(TimeSpan? busyPollInterval = null) => LookAsync(BuildkiteCheck(busyPollInterval));

    private static async Task<HealthCheckResult> LookAsync(IHealthCheck check)
    {
        var result = await check.CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);
        Assert.Equal(result.Status != HealthStatus.Healthy, result.Data.ContainsKey(Finding.Remedy));
        return result;
    }

    private sealed record Dirt(string? Reason) : IDirtyState
    {
        public DateTimeOffset? Since => Reason is null ? null : DateTimeOffset.UnixEpoch;
    }
}
