using MacRunners.Platform;

namespace MacRunners.Tests.Platform;

/// <summary>What every implementation of the process table must do.</summary>
public abstract class ProcessTableContract
{
    private readonly IProcessTable _processes;

    private protected ProcessTableContract(IProcessTable processes) => _processes = processes;

    [Fact]
    public void A_process_is_found_by_each_of_its_uids()
    {
        var (real, effective, saved) = (TestNumbers.Next(), TestNumbers.Next(), TestNumbers.Next());
        using var process = PythonProcess.Start($"import os; os.setresuid({real},{effective},{saved})");

        foreach (var uid in new[] { real, effective, saved })
        {
            var entry = Assert.Single(_processes.OwnedBy(uid));
            Assert.Equal((process.Id, Environment.ProcessId), (entry.Identity.Pid, entry.ParentPid));
            Assert.Equal((real, effective, saved), (entry.RealUid, entry.EffectiveUid, entry.SavedUid));
            Assert.Equal(entry, Assert.Single(_processes.OwnedWithin(uid, uid)));
        }

        Assert.Contains(process.Id, _processes.OwnedWithin(real - 1, real + 1).Select(entry => entry.Identity.Pid));
        Assert.DoesNotContain(process.Id, _processes.OwnedWithin(0, 0).Select(entry => entry.Identity.Pid));

        process.Kill();
    }

    [Fact]
    public void A_zombie_is_gone()
    {
        using var parent = PythonProcess.Start(
            """
            import os, time
            child = os.fork()
            if child == 0: os._exit(0)
            while 'Z' not in open(f'/proc/{child}/stat').read(): time.sleep(0.01)
            print(child, flush=True)
            """,
            announces: false);
        var zombie = int.Parse(parent.StandardOutput.ReadLine()!, null);

        Assert.Null(_processes.Find(zombie));
        Assert.False(_processes.Signal(new ProcessIdentity(zombie, 1), Signal.Kill));
        parent.Kill();
    }

    [Fact]
    public void A_process_whose_first_thread_has_ended_still_counts()
    {
        var uid = TestNumbers.Next();
        using var process = PythonProcess.Start(
            $"""
            import os, ctypes, threading, time
            os.setresuid({uid},{uid},{uid})
            def wait():
                while 'Z' not in open('/proc/self/status').read().split('State:')[1][:4]: time.sleep(0.01)
                print('ready', flush=True)
                time.sleep(600)
            threading.Thread(target=wait).start()
            ctypes.CDLL(None).syscall(60 if os.uname().machine == 'x86_64' else 93, 0)
            """,
            announces: true);

        Assert.Equal(process.Id, Assert.Single(_processes.OwnedBy(uid)).Identity.Pid);
        Assert.True(_processes.Signal(_processes.Find(process.Id)!.Identity, Signal.Kill));
        process.WaitForExit();
    }

    [Fact]
    public void A_hostile_name_changes_nothing_but_the_name()
    {
        using var process = PythonProcess.Start("open('/proc/self/comm','w').write(') Z 1 (\\n')");

        var entry = _processes.Find(process.Id);

        Assert.Equal(") Z 1 (?", entry?.Command);
        Assert.Equal(Environment.ProcessId, entry?.ParentPid);
        process.Kill();
    }

    [Fact]
    public void A_stopped_process_holds_still_and_is_still_there()
    {
        using var process = PythonProcess.Start("pass");
        var identity = _processes.Find(process.Id)!.Identity;

        Assert.True(_processes.Signal(identity, Signal.Stop));
        while (!File.ReadAllText($"/proc/{process.Id}/stat").Contains(") T ", StringComparison.Ordinal))
        {
            Thread.Yield();
        }

        Assert.NotNull(_processes.Find(process.Id));
        process.Kill();
    }

    [Fact]
    public void A_signal_goes_only_to_the_process_it_was_meant_for()
    {
        using var process = PythonProcess.Start("pass");
        var identity = _processes.Find(process.Id)!.Identity;

        Assert.False(_processes.Signal(identity with { StartTime = identity.StartTime + 1 }, Signal.Kill));
        Assert.NotNull(_processes.Find(process.Id));
        Assert.True(_processes.Signal(identity, Signal.Terminate));
        process.WaitForExit();
        Assert.False(_processes.Signal(identity, Signal.Kill));
        Assert.Null(_processes.Find(process.Id));
    }
}
