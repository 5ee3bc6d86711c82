using System.Diagnostics;
using MacRunners.Platform.Linux;

namespace MacRunners.Tests.Platform.Linux;

public sealed class LinuxProcessesTests() : ProcessTableContract(new LinuxProcesses())
{
    [Fact]
    public void A_descendant_that_has_become_somebody_else_is_known_by_its_login()
    {
        var uid = TestNumbers.Next();
        using var escaped = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "echo \"$1\" >/proc/self/loginuid && setsid sleep 600 >/dev/null 2>&1 & echo started", "sh", $"{uid}"]) { RedirectStandardOutput = true })!;
        Assert.Equal("started", escaped.StandardOutput.ReadLine());
        var processes = new LinuxProcesses();
        while (processes.EscapedFrom(uid) is not [{ Command: "sleep" }])
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            Thread.Yield();
        }

        Assert.Empty(processes.OwnedBy(uid));
        Assert.Empty(processes.EscapedFrom(uid + 1));
        Assert.True(processes.Signal(Assert.Single(processes.EscapedFrom(uid)).Identity, MacRunners.Platform.Signal.Kill));
    }
}
