using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using MacRunners.Tests.Buildkite;
using MacRunners.Tests.Platform;
using MacRunners.Tests.Platform.Linux;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace MacRunners.Tests.Teardown;

public sealed class ProcessReaperTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly TestMachine _machine = new();

    public void Dispose()
    {
        JobProcess.KillAll(_machine.Id);
        _machine.Dispose();
    }

    [Fact]
    public async Task A_process_that_left_its_session_and_ignores_signals_is_killed_and_named()
    {
        using var process = JobProcess.Running(
            _machine.Id,
            """
            if os.fork(): os._exit(0)
            os.setsid()
            if os.fork(): os._exit(0)
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(number, signal.SIG_IGN)
            print('ready', flush=True)
            time.sleep(600)
            """);
        var daemon = await JobProcess.LastOneAsync(_machine.Platform.Processes, _machine.Id);

        var found = await _machine.Reaper().KillAllAsync(_machine.Account, Cancel);

        Assert.Equal(daemon.Identity, Assert.Single(found).Identity);
        Assert.Empty(_machine.Platform.Processes.OwnedBy(_machine.Id));
    }

    [Fact]
    public async Task A_fork_loop_is_outrun()
    {
        using var process = JobProcess.Running(
            _machine.Id,
            """
            end = time.time() + 60
            print('ready', flush=True)
            while time.time() < end:
                try: os.fork()
                except OSError: pass
            """);

        await _machine.Reaper().KillAllAsync(_machine.Account, Cancel);

        Assert.Empty(_machine.Platform.Processes.OwnedBy(_machine.Id));
    }

    [Fact]
    public async Task A_fork_loop_in_a_control_group_is_ended_by_one_round_without_any_helper_or_signal()
    {
        using var group = new TestGroup(_machine.Id);
        using var process = JobProcess.Running(
            _machine.Id,
            """
            end = time.time() + 60
            print('ready', flush=True)
            while time.time() < end:
                try: os.fork()
                except OSError: pass
            """,
            group.EnterInPython);
        var tool = Substitute.For<ITool>();
        tool.RunAsync("", [], TimeSpan.Zero, Cancel).ThrowsAsyncForAnyArgs(new ToolException("no room for another process"));

        // Whose time is over before the first round sends no signal.
        _ = await Assert.ThrowsAsync<ResidueException>(
            () => Reaper(_machine.Platform, tool, TimeProvider.System).KillAllAsync(_machine.Account, new CancellationToken(canceled: true)));

        await tool.ReceivedWithAnyArgs(1).RunAsync("", [], TimeSpan.Zero, Cancel);
        await group.Groups.RemoveAsync(_machine.Id);
        Assert.Empty(_machine.Platform.Processes.OwnedBy(_machine.Id));
    }

    [Fact]
    public async Task What_has_escaped_is_not_killed_with_the_others_of_its_control_group()
    {
        using var group = new TestGroup(_machine.Id);
        using var process = JobProcess.Sleeping(_machine.Id, group.EnterInPython);
        using var escaped = PythonProcess.Start(group.EnterInPython);

        Assert.Single(await _machine.Reaper().KillAllAsync(_machine.Account, Cancel));

        Assert.Empty(_machine.Platform.Processes.OwnedBy(_machine.Id));
        Assert.Equal(escaped.Id, Assert.Single(_machine.Reaper().FindEscaped(_machine.Account)).Identity.Pid);
        Assert.False(group.IsFrozen);
    }

    [Fact]
    public async Task A_process_that_hops_from_number_to_number_is_caught()
    {
        using var process = JobProcess.Running(
            _machine.Id,
            """
            end = time.time() + 60
            print('ready', flush=True)
            while time.time() < end:
                try:
                    if os.fork(): os._exit(0)
                except OSError: pass
            """);

        await _machine.Reaper().KillAllAsync(_machine.Account, Cancel);

        Assert.Empty(_machine.Platform.Processes.OwnedBy(_machine.Id));
    }

    [Fact]
    public async Task A_stopped_process_is_killed()
    {
        using var process = JobProcess.Running(_machine.Id, "print('ready', flush=True)\nos.kill(os.getpid(), signal.SIGSTOP)");
        while (!File.ReadAllText($"/proc/{process.Id}/stat").Contains(") T ", StringComparison.Ordinal))
        {
            await Task.Yield();
        }

        Assert.Single(await _machine.Reaper().KillAllAsync(_machine.Account, Cancel));

        Assert.Empty(_machine.Platform.Processes.OwnedBy(_machine.Id));
    }

    [Fact]
    public async Task Nobody_to_kill_is_success() => Assert.Empty(await _machine.Reaper().KillAllAsync(_machine.Account, Cancel));

    [Fact]
    public async Task A_helper_that_fails_is_followed_by_roots_own_signals_and_the_next_one()
    {
        using var process = JobProcess.Sleeping(_machine.Id);
        var tool = Substitute.For<ITool>();
        tool.RunAsync("", [], TimeSpan.Zero, Cancel).ReturnsForAnyArgs(_ => throw new ToolException("attacked"), _ => new ToolResult(0, "", ""));

        Assert.Single(await Reaper(_machine.Platform, tool, TimeProvider.System).KillAllAsync(_machine.Account, Cancel));

        Assert.Empty(_machine.Platform.Processes.OwnedBy(_machine.Id));
    }

    [Fact]
    public async Task A_process_that_hops_from_pid_to_pid_is_killed_although_the_table_never_shows_it()
    {
        using var process = JobProcess.Running(_machine.Id, "print('ready', flush=True)\nwhile True:\n    if os.fork(): os._exit(0)");
        var processes = Substitute.For<IProcessTable>();
        processes.OwnedBy(0).ReturnsForAnyArgs([]);

        Assert.Empty(await Reaper(new TestPlatform([], processes), new HelperTool(), TimeProvider.System).KillAllAsync(_machine.Account, Cancel));

        // Nothing hops any more: a hopper would show in one of many looks.
        for (var look = 0; look < 500; look++)
        {
            Assert.Empty(_machine.Platform.Processes.OwnedBy(_machine.Id));
        }
    }

    [Fact]
    public async Task Without_a_working_helper_the_processes_are_killed_but_nothing_is_believed()
    {
        // What the table shows is dead; but a process that is never in the table could only be ruled out by the helper.
        using var process = JobProcess.Sleeping(_machine.Id);
        var tool = Substitute.For<ITool>();
        tool.RunAsync("", [], TimeSpan.Zero, Cancel).ThrowsAsyncForAnyArgs(new ToolException("no helper"));

        var residue = await Assert.ThrowsAsync<ResidueException>(
            () => Reaper(_machine.Platform, tool, TimeProvider.System, TimeSpan.FromSeconds(1)).KillAllAsync(_machine.Account, Cancel));

        Assert.Equal(ResidueKind.Process, Assert.Single(residue.Residue).Kind);
        Assert.Empty(_machine.Platform.Processes.OwnedBy(_machine.Id));
    }

    [Fact]
    public async Task Without_a_working_helper_a_fork_loop_is_ended_by_holding_it_still_first()
    {
        using var process = JobProcess.Running(
            _machine.Id,
            """
            print('ready', flush=True)
            while True:
                try: os.fork()
                except OSError: pass
            """);
        var tool = Substitute.For<ITool>();
        tool.RunAsync("", [], TimeSpan.Zero, Cancel).ThrowsAsyncForAnyArgs(new ToolException("no room for another process"));

        _ = await Assert.ThrowsAsync<ResidueException>(
            () => Reaper(_machine.Platform, tool, TimeProvider.System, TimeSpan.FromSeconds(1)).KillAllAsync(_machine.Account, Cancel));

        Assert.Empty(_machine.Platform.Processes.OwnedBy(_machine.Id));
    }

    [Fact]
    public async Task An_empty_table_is_not_believed_until_the_helper_has_found_nobody_either()
    {
        var tool = Substitute.For<ITool>();
        tool.RunAsync("", [], TimeSpan.Zero, Cancel).ReturnsForAnyArgs(new ToolResult(1, "", "still there"));
        var reaper = Reaper(_machine.Platform, tool, new EagerTime(Timeout.InfiniteTimeSpan));

        var left = await Assert.ThrowsAsync<ResidueException>(() => reaper.KillAllAsync(_machine.Account, Cancel));

        Assert.Equal(ResidueKind.Process, Assert.Single(left.Residue).Kind);
    }

    [Fact]
    public async Task The_helper_is_told_the_account_and_the_least_number_it_may_become()
    {
        using var process = JobProcess.Sleeping(_machine.Id);
        var tool = Substitute.For<ITool>();
        tool.RunAsync("", [], TimeSpan.Zero, Cancel).ReturnsForAnyArgs(new ToolResult(0, "", ""));

        await Reaper(_machine.Platform, tool, TimeProvider.System).KillAllAsync(_machine.Account, Cancel);

        var id = $"{_machine.Id}";
        await tool.Received().RunAsync(
            Environment.ProcessPath!,
            Arg.Is<IReadOnlyList<string>>(given => given.SequenceEqual(new[] { "kill-as", "--uid", id, "--gid", id, "--floor", id })),
            Arg.Any<TimeSpan>(),
            CancellationToken.None);
    }

    [Fact]
    public async Task The_users_domain_is_ended_before_anything_is_killed()
    {
        await _machine.Reaper().KillAllAsync(_machine.Account, Cancel);

        await _machine.Platform.Domains.Received(1).EndAsync(_machine.Id, CancellationToken.None);
    }

    [Fact]
    public async Task What_cannot_be_killed_within_the_budget_is_named()
    {
        var immortal = new ProcessEntry(new ProcessIdentity(int.MaxValue, 1), 1, _machine.Id, _machine.Id, _machine.Id, "stuck");
        var processes = Substitute.For<IProcessTable>();
        processes.OwnedBy(_machine.Id).Returns([immortal]);
        var tool = Substitute.For<ITool>();
        tool.RunAsync("", [], TimeSpan.Zero, Cancel).ReturnsForAnyArgs(new ToolResult(1, "", "still there"));
        var reaper = Reaper(new TestPlatform([], processes), tool, new EagerTime(Timeout.InfiniteTimeSpan));

        var left = await Assert.ThrowsAsync<ResidueException>(() => reaper.KillAllAsync(_machine.Account, Cancel));

        Assert.Equal(new Residue(ResidueKind.Process, $"pid {int.MaxValue} (stuck)"), Assert.Single(left.Residue));
        processes.Received().Signal(immortal.Identity, Signal.Kill);
    }

    [Fact]
    public async Task Without_any_time_left_everything_is_still_tried_once()
    {
        using var process = JobProcess.Sleeping(_machine.Id);
        var tool = Substitute.For<ITool>();
        tool.RunAsync("", [], TimeSpan.Zero, Cancel).ReturnsForAnyArgs(_ =>
        {
            process.Kill();
            process.WaitForExit();
            return new ToolResult(0, "", "");
        });

        Assert.Single(await Reaper(_machine.Platform, tool, TimeProvider.System).KillAllAsync(_machine.Account, new CancellationToken(canceled: true)));

        Assert.Empty(_machine.Platform.Processes.OwnedBy(_machine.Id));
    }

    [Fact]
    public async Task What_resists_when_the_time_is_over_is_named_at_once()
    {
        using var process = JobProcess.Sleeping(_machine.Id);
        var tool = Substitute.For<ITool>();
        tool.RunAsync("", [], TimeSpan.Zero, Cancel).ReturnsForAnyArgs(new ToolResult(1, "", "still there"));

        var left = await Assert.ThrowsAsync<ResidueException>(
            () => Reaper(_machine.Platform, tool, TimeProvider.System).KillAllAsync(_machine.Account, new CancellationToken(canceled: true)));

        Assert.Equal(new Residue(ResidueKind.Process, $"pid {process.Id} (python3)"), Assert.Single(left.Residue));
        await tool.ReceivedWithAnyArgs(1).RunAsync("", [], TimeSpan.Zero, Cancel);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(1L)]
    public async Task A_number_outside_the_range_is_refused_before_anything_is_done(long offset)
    {
        // Nothing here can send a signal, whatever the reaper does.
        var number = offset == 0 ? 0u : (uint)(_machine.Id + offset);
        var processes = Substitute.For<IProcessTable>();
        var tool = Substitute.For<ITool>();
        var platform = new TestPlatform([], processes);

        var refused = await Assert.ThrowsAsync<ResidueException>(() =>
            Reaper(platform, tool, TimeProvider.System).KillAllAsync(_machine.Account with { Id = number }, Cancel));

        Assert.Equal(ResidueKind.Account, Assert.Single(refused.Residue).Kind);
        Assert.Empty(processes.ReceivedCalls());
        Assert.Empty(tool.ReceivedCalls());
        await platform.Domains.DidNotReceiveWithAnyArgs().EndAsync(0, Cancel);
    }

    private ProcessReaper Reaper(IPlatform platform, ITool tool, TimeProvider time, TimeSpan? budget = null) => new(
        platform,
        _machine.Range,
        new HelperCommand(Options.Create(new PlatformOptions())),
        tool,
        Options.Create(new JobsOptions { KillBudget = budget ?? TimeSpan.FromSeconds(30) }),
        time,
        NullLogger<ProcessReaper>.Instance);
}
