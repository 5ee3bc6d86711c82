using MacRunners.Simulator.Trial;

namespace MacRunners.EndToEnd;

/// <summary>What the control group of a job's account brings; where none can be made there is nothing to see.</summary>
public class ControlGroupScenarios
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_keeps_its_control_group_over_a_restart_of_the_daemon_and_none_is_left()
    {
        await using var worker = await Worker.StartAsync("linux");
        await worker.ReadyAsync();
        var gate = Path.Combine(worker.Machine.Folder, "gate");
        var id = worker.Queue(
            $$"""
            where() { echo "$1=$(sed -n 's/^0:://p' /proc/self/cgroup) of $(id -u)"; }
            where before; echo begins; until [ -e '{{gate}}' ]; do sleep 0.05; done; where after
            (setsid sleep 600 </dev/null >/dev/null 2>&1 &)
            """);
        await worker.PrintsAsync(id, "begins");
        var before = Worker.Value(worker.Buildkite.ViewJob(id), "before");
        Assert.SkipUnless(before.Contains("/macrunners-uid-", StringComparison.Ordinal), "no control groups can be made on this machine");
        Assert.EndsWith($"/macrunners-uid-{before.Split(' ')[^1]} of {before.Split(' ')[^1]}", before, StringComparison.Ordinal);

        await worker.KillAsync();
        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.LoggedAsync($"Job {id} goes on");
        Assert.Equal(1, HostTraces.CountControlGroups(worker.Machine.Uids.First, worker.Machine.Uids.Last));
        File.WriteAllText(gate, "");
        var job = await worker.EndedAsync(id);

        Assert.Equal(before, Worker.Value(job, "after"));
        Assert.Equal(0, HostTraces.CountControlGroups(worker.Machine.Uids.First, worker.Machine.Uids.Last));
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_job_that_becomes_root_and_forgets_its_login_is_found_and_makes_the_machine_dirty()
    {
        await using var worker = await Worker.StartAsync("linux");
        await worker.ReadyAsync();
        var program = Path.Combine(worker.Machine.Folder, "become-root");
        File.Copy("/usr/bin/setpriv", program);
        File.SetUnixFileMode(program, (UnixFileMode)0b100_111_101_101);

        var (job, report) = await worker.RunAsync(
            $"""
            '{program}' --reuid 0 --regid 0 --clear-groups /bin/sh -c 'echo 4294967295 >/proc/self/loginuid; exec setsid -f sleep 600' </dev/null >/dev/null 2>&1
            echo "in=$(sed -n 's/^0:://p' /proc/self/cgroup)"
            """);
        Assert.SkipUnless(Worker.Value(job, "in").Contains("/macrunners-uid-", StringComparison.Ordinal), "no control groups can be made on this machine");

        Assert.False(report["clean"]!.GetValue<bool>());
        Assert.Matches(@"pid \d+ \(sleep\) of bk-.* had become uid 0", Assert.Single(report["remaining"]!.AsArray())!["detail"]!.GetValue<string>());
        _ = await worker.HealthIsAsync("unhealthy");
        Assert.Equal(0, HostTraces.CountControlGroups(worker.Machine.Uids.First, worker.Machine.Uids.Last));
    }
}
