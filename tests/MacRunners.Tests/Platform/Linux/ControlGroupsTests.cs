using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Tests.Teardown;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace MacRunners.Tests.Platform.Linux;

/// <summary>Over the kernel's own groups.</summary>
public sealed class ControlGroupsTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly uint _id = TestNumbers.Next();
    private readonly LinuxProcesses _processes = new();
    private readonly TestGroup _group;

    public ControlGroupsTests() => _group = new TestGroup(_id);

    public void Dispose()
    {
        JobProcess.KillAll(_id);
        _group.Dispose();
    }

    [Fact]
    public async Task All_hold_still_while_it_is_asked_whether_they_may_be_killed()
    {
        using var process = JobProcess.Running(_id, "end = time.time() + 60\nprint('ready', flush=True)\nwhile time.time() < end:\n    try: os.fork()\n    except OSError: pass", _group.EnterInPython);
        var seen = new List<string>();

        await _group.Groups.HoldAndKillAsync(_id, () =>
        {
            Assert.True(_group.IsFrozen);
            for (var look = 0; look < 20; look++)
            {
                seen.Add(string.Join(' ', _group.Groups.ProcessesOf(_id)));
            }

            return true;
        });

        Assert.NotEmpty(Assert.Single(seen.Distinct()));
        await _group.Groups.RemoveAsync(_id);
        Assert.Empty(_processes.OwnedBy(_id));
    }

    [Fact]
    public async Task They_go_on_when_they_may_not()
    {
        using var process = JobProcess.Running(_id, "print('ready', flush=True)\ntime.sleep(1)\nprint('goes on', flush=True)\ntime.sleep(600)", _group.EnterInPython);

        await _group.Groups.HoldAndKillAsync(_id, () => false);

        Assert.Equal("goes on", await process.StandardOutput.ReadLineAsync(Cancel));
        Assert.False(_group.IsFrozen);
    }

    [Fact]
    public async Task What_is_stopped_dies_too()
    {
        using var process = JobProcess.Running(_id, "print('ready', flush=True)\nos.kill(os.getpid(), signal.SIGSTOP)", _group.EnterInPython);

        await _group.Groups.HoldAndKillAsync(_id, () => true);

        await process.WaitForExitAsync(Cancel);
    }

    [Fact]
    public async Task Where_nobody_is_nothing_is_asked()
    {
        await _group.Groups.HoldAndKillAsync(_id, () => throw new InvalidOperationException("asked"));
        await _group.Groups.HoldAndKillAsync(TestNumbers.Next(), () => throw new InvalidOperationException("asked"));
    }

    [Theory]
    [InlineData("cgroup.freeze", "absent")]
    [InlineData("absent", "cgroup.kill")]
    [InlineData("absent", "absent")]
    public async Task A_kernel_that_lacks_one_of_the_files_kills_nobody_so_and_still_tells_who_is_in_it(string freezer, string killer)
    {
        var groups = new ControlGroups(_group.Groups.Place, TimeProvider.System, NullLogger<ControlGroups>.Instance) { Freezer = freezer, Killer = killer };
        using var process = JobProcess.Sleeping(_id, _group.EnterInPython);

        await groups.HoldAndKillAsync(_id, () => true);

        Assert.False(process.HasExited);
        Assert.False(_group.IsFrozen);
        Assert.Equal([process.Id], groups.ProcessesOf(_id));
        process.Kill();
        await groups.RemoveAsync(_id);
        Assert.False(_group.Exists);
    }

    [Fact]
    public async Task A_group_with_somebody_in_it_stays_and_he_is_named()
    {
        using var process = JobProcess.Sleeping(_id, _group.EnterInPython);

        var failure = await Assert.ThrowsAsync<PosixException>(() => _group.Groups.RemoveAsync(_id));

        Assert.Equal(PosixError.Busy, failure.Error);
        Assert.Contains($"pid {process.Id}", failure.Message, StringComparison.Ordinal);
        Assert.Contains(_id, _group.Groups.Owners());
    }

    [Fact]
    public async Task What_became_root_made_within_is_no_place_to_hide()
    {
        var inner = Directory.CreateDirectory(Path.Combine(_group.Folder, "inner/most")).FullName;
        using var process = JobProcess.Sleeping(_id, $"open('{inner}/cgroup.procs', 'w').write('0')\n");
        Assert.Equal([process.Id], _group.Groups.ProcessesOf(_id));
        Assert.True(ControlGroups.Holds(_id, process.Id));

        await _group.Groups.HoldAndKillAsync(_id, () => true);
        await _group.Groups.RemoveAsync(_id);

        Assert.Empty(_processes.OwnedBy(_id));
        Assert.False(_group.Exists);
    }

    [Fact]
    public async Task Groups_that_come_and_go_while_they_are_read_disturb_nothing()
    {
        var inner = $"{_group.Folder}/inner";
        using var member = JobProcess.Sleeping(_id, _group.EnterInPython);
        using var process = PythonProcess.Start($"import os\nprint('ready', flush=True)\nwhile True:\n    os.makedirs('{inner}/most')\n    os.rmdir('{inner}/most')\n    os.rmdir('{inner}')\n", announces: true);

        for (var look = 0; look < 2000; look++)
        {
            Assert.Equal([member.Id], _group.Groups.ProcessesOf(_id));
            Assert.Contains(_id, _group.Groups.Owners());
        }

        process.Kill();
        await process.WaitForExitAsync(Cancel);
        await _group.Groups.HoldAndKillAsync(_id, () => true);
        await _group.Groups.RemoveAsync(_id);
        Assert.False(_group.Exists);
    }

    [Fact]
    public void Below_a_group_of_threads_none_can_be_made()
    {
        var table = File.ReadAllText("/proc/self/mountinfo");
        var own = File.ReadAllLines("/proc/self/cgroup").Single(line => line.StartsWith("0::", StringComparison.Ordinal)).TrimEnd('/');
        var group = $"{own}/{Path.GetFileName(_group.Folder)}\n";
        Assert.NotNull(ControlGroups.Of(table, group, TimeProvider.System, NullLoggerFactory.Instance));

        File.WriteAllText(Path.Combine(_group.Folder, "cgroup.type"), "threaded");

        Assert.Null(ControlGroups.Of(table, group, TimeProvider.System, NullLoggerFactory.Instance));
    }

    [Fact]
    public async Task A_group_that_cannot_be_made_is_said_and_all_goes_on()
    {
        using var scratch = new Scratch();
        File.WriteAllText(scratch["file"], "");
        var logger = Substitute.For<ILogger<ControlGroups>>();
        logger.IsEnabled(default).ReturnsForAnyArgs(true);
        var groups = new ControlGroups(scratch["file"], TimeProvider.System, logger);

        groups.Make(_id);

        Assert.Equal(LogLevel.Warning, Assert.Single(logger.ReceivedCalls(), call => call.GetMethodInfo().Name == nameof(ILogger.Log)).GetArguments()[0]);
        groups.Kill(_id);
        groups.Enter(_id);
        await groups.HoldAndKillAsync(_id, () => true);
        await groups.RemoveAsync(_id);
        Assert.Empty(groups.ProcessesOf(_id));
    }

    [Fact]
    public void Another_process_with_the_number_of_one_that_was_in_it_is_not_taken_for_it()
    {
        Assert.False(ControlGroups.Holds(_id, Environment.ProcessId));
        Assert.False(ControlGroups.Holds(_id, int.MaxValue));
        Assert.Empty(new LinuxProcesses(_group.Groups).EscapedFrom(_id));
    }
}
