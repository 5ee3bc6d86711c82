using MacRunners.Platform;
using MacRunners.Platform.Linux;

namespace MacRunners.Tests.Platform.Linux;

public sealed class LinuxProcessesTests() : ProcessTableContract(new LinuxProcesses())
{
    private readonly LinuxProcesses _processes = new();

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
}
