using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace MacRunners.EndToEnd;

/// <summary>What an operator does with the verbs, on a machine that works.</summary>
public abstract class ControlScenarios(string platform)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_drained_machine_ends_its_jobs_and_takes_none_until_it_is_resumed_whatever_restarts()
    {
        await using var worker = await Worker.StartAsync(platform);
        await worker.ReadyAsync();
        var gate = Path.Combine(worker.Machine.Folder, "gate");
        var running = worker.Queue($"echo begins; until [ -e {gate} ]; do sleep 0.05; done; exit 3");
        await worker.PrintsAsync(running, "begins");

        var impatient = await worker.MacrunnersAsync("drain", "--wait", "--timeout", "00:00:01", "--reason", "new disk");
        Assert.Equal(1, impatient.ExitCode);
        Assert.Contains("1 job is still on this machine", impatient.Error, StringComparison.Ordinal);
        var waiting = worker.Queue("echo later");
        var status = await worker.StatusAsync();
        Assert.Equal("draining", status["state"]!.GetValue<string>());
        Assert.Equal(running, status["jobs"]![0]!["id"]!.GetValue<string>());
        Assert.Equal("run", status["jobs"]![0]!["phase"]!.GetValue<string>());
        Assert.Equal("new disk", status["drain"]!["reason"]!.GetValue<string>());

        var draining = worker.MacrunnersAsync("drain", "--wait");
        File.WriteAllText(gate, "");
        var drained = await draining;
        Assert.Equal("drained", JsonNode.Parse((await worker.MacrunnersAsync("drain", "--json")).Output)!["state"]!.GetValue<string>());

        Assert.Equal((0, "Drained: no job is on this machine, and none is taken.\n"), (drained.ExitCode, drained.Output));
        Assert.Equal(3, (await worker.EndedAsync(running)).ExitStatus);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await worker.HealthAsync("health/ready")).Status);

        // The order outlives the daemon, however it ends.
        await worker.KillAsync();
        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.LoggedAsync("Drained since");
        await worker.LoggedAsync("Self-test passed");
        Assert.Equal("drained", (await worker.StatusAsync())["state"]!.GetValue<string>());
        Assert.Equal("scheduled", worker.Buildkite.ViewJob(waiting).State);

        Assert.Null(JsonNode.Parse((await worker.MacrunnersAsync("resume", "--json")).Output)!["drain"]);
        Assert.Equal(0, (await worker.EndedAsync(waiting)).ExitStatus);
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(Cancel));
        await worker.Machine.StartDaemonAsync(Cancel);
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_restart_leaves_running_jobs_alone_and_waits_for_those_that_are_set_up_or_torn_down()
    {
        await using var worker = await Worker.InstallAsync(
            platform, new Dictionary<string, string> { ["Jobs:Slots"] = "2" }, serviceManager: ServiceManager.Plain);
        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.ReadyAsync();
        var gate = Path.Combine(worker.Machine.Folder, "gate");
        var running = worker.Queue($"for n in $(seq 1000); do echo line $n; done; until [ -e {gate} ]; do echo waits; sleep 0.05; done; echo ends");
        await worker.PrintsAsync(running, "waits");
        var before = await worker.StatusAsync();

        // Another one is in the middle of its life, wherever that is.
        var other = worker.Queue("sleep 0.2; touch /tmp/x-$BUILDKITE_JOB_ID");
        await worker.StateAsync(other, "running");
        var restarted = await worker.MacrunnersAsync("restart", "--json");

        Assert.True(restarted.ExitCode == 0, restarted.Error);
        Assert.NotEqual(before["pid"]!.GetValue<int>(), JsonNode.Parse(restarted.Output)!["pid"]!.GetValue<int>());
        var after = await worker.StatusAsync();
        Assert.NotEqual(before["pid"]!.GetValue<int>(), after["pid"]!.GetValue<int>());
        Assert.Contains(after["jobs"]!.AsArray(), job => job!["id"]!.GetValue<string>() == running);
        var ended = await worker.EndedAsync(other);
        Assert.True(ended.ExitStatus == 0, $"{ended.ExitStatus}: {ended.Log}\n{worker.ConsoleText()}");
        File.WriteAllText(gate, "");
        var job = await worker.EndedAsync(running);
        Assert.Equal(("finished", 0), (job.State, job.ExitStatus));
        Assert.True(job.LogComplete);
        Assert.Contains("line 1000", Worker.Printed(job));
        Assert.Contains("ends", Worker.Printed(job));
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        await worker.IsCleanAsync();
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(Cancel));
    }

    [Fact]
    public async Task With_a_faulty_configuration_there_is_no_restart()
    {
        await using var worker = await Worker.StartAsync(platform);
        var pid = (await worker.StatusAsync())["pid"]!.GetValue<int>();

        var refused = await worker.MacrunnersAsync("restart", "--set", "Jobs:Slots=0");

        Assert.Equal(78, refused.ExitCode);
        Assert.Contains("Jobs:Slots", refused.Error, StringComparison.Ordinal);
        Assert.Equal(pid, (await worker.StatusAsync())["pid"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_sweep_is_refused_while_jobs_run_and_proves_the_machine_clean_without_them()
    {
        await using var worker = await Worker.StartAsync(platform);
        var gate = Path.Combine(worker.Machine.Folder, "gate");
        var running = worker.Queue($"echo begins; until [ -e {gate} ]; do sleep 0.05; done");
        await worker.PrintsAsync(running, "begins");
        var refused = await worker.MacrunnersAsync("sweep");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("drain --wait", refused.Error, StringComparison.Ordinal);
        File.WriteAllText(gate, "");
        Assert.Equal(0, (await worker.EndedAsync(running)).ExitStatus);

        // A file of a number of the range: nobody's job, so a job that the journal lost.
        var stray = $"/tmp/stray-{worker.Machine.Uids.Last}";
        File.WriteAllText(stray, "");
        using (var chown = Process.Start("/bin/chown", [worker.Machine.Uids.Last.ToString(CultureInfo.InvariantCulture), stray]))
        {
            await chown.WaitForExitAsync(Cancel);
        }

        var swept = await worker.MacrunnersAsync("sweep", "--json");
        Assert.True(swept.ExitCode == 0, swept.Error);
        Assert.Contains("\"clean\": true", swept.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(stray));
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_job_can_neither_reach_the_control_socket_nor_speak_through_it_when_its_mode_is_wrong()
    {
        await using var worker = await Worker.StartAsync(platform);
        var socket = Path.Combine(worker.Machine.Folder, "run", "control.sock");
        var attack = $$"""
            python3 - <<'END'
            import socket
            control = socket.socket(socket.AF_UNIX)
            control.settimeout(10)
            try:
                control.connect("{{socket}}")
                control.sendall(b"POST /drain HTTP/1.1\r\nHost: x\r\n\r\n")
                print("answer=%d" % len(control.recv(100)))
            except OSError as e:
                print("error=%s" % type(e).__name__)
            END
            """;

        Assert.Equal("PermissionError", Worker.Value((await worker.RunAsync(attack)).Job, "error"));

        // A wrong mode is not enough: the kernel says who connects.
        File.SetUnixFileMode(socket, (UnixFileMode)Convert.ToInt32("666", 8));
        var job = (await worker.RunAsync(attack)).Job;
        Assert.DoesNotContain(Worker.Printed(job), line => line.StartsWith("answer=", StringComparison.Ordinal) && line != "answer=0");
        await worker.LoggedAsync("tried to control the daemon; refused");
        Assert.Null((await worker.StatusAsync())["drain"]);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task The_verbs_say_what_to_do_when_the_daemon_is_not_running()
    {
        await using var worker = await Worker.InstallAsync(platform);
        foreach (var verb in (string[])["status", "drain", "resume", "sweep", "restart"])
        {
            var (exitCode, output, error) = await worker.MacrunnersAsync(verb);
            Assert.Equal((69, ""), (exitCode, output));
            Assert.Contains($"{worker.Machine.Folder}/run/control.sock", error, StringComparison.Ordinal);
            Assert.Contains("systemctl status macrunners", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Logs_shows_a_jobs_log_to_its_end_and_the_daemons_own()
    {
        await using var worker = await Worker.StartAsync(platform);
        var gate = Path.Combine(worker.Machine.Folder, "gate");
        var id = worker.Queue($"until [ -e {gate} ]; do sleep 0.05; done");
        await worker.StateAsync(id, "running");
        var following = worker.MacrunnersAsync("logs", "--job", $"bk-{id}", "--follow");
        File.WriteAllText(gate, "");
        var followed = await following;

        Assert.Equal(0, followed.ExitCode);
        Assert.Contains("is reserved for this machine", followed.Output, StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(worker.Machine.Logs, "jobs", $"{id}.log"), Cancel), followed.Output);
        var daemons = await worker.MacrunnersAsync("logs", "--lines", "0");
        Assert.Contains($"Job {id} is reserved", daemons.Output, StringComparison.Ordinal);
        Assert.Single((await worker.MacrunnersAsync("logs", "-n", "1")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(1, (await worker.MacrunnersAsync("logs", "--job", Guid.Empty.ToString())).ExitCode);
        Assert.Equal(64, (await worker.MacrunnersAsync("logs", "--job", "../x")).ExitCode);
    }
}

/// <summary>Real accounts of the host.</summary>
public class ControlOnLinux() : ControlScenarios("linux")
{
    private const int Restarts = 50;

    [Fact]
    public async Task A_job_that_tries_to_listen_on_the_port_never_answers_in_the_daemons_place_over_fifty_crashes()
    {
        await using var worker = await Worker.InstallAsync("linux", serviceManager: ServiceManager.HoldingSockets);
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        await worker.ReadyAsync();
        var gate = Path.Combine(worker.Machine.Folder, "gate");
        var intruder = worker.Queue(PortIntruder.Script(worker.Machine.Http.Port, gate));
        await worker.PrintsAsync(intruder, PortIntruder.Begun);
        for (var restart = 0; restart < Restarts; restart++)
        {
            var pid = (await worker.StatusAsync())["pid"]!.GetValue<int>();
            using (var kill = Process.Start("/bin/kill", ["-KILL", $"{pid}"]))
            {
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            }

            await worker.UntilAsync(() => !Directory.Exists($"/proc/{pid}"), "the daemon is dead");

            // Held by the service manager: it waits for the next run instead of being refused, or answered by somebody else.
            using var client = new HttpClient { BaseAddress = worker.Machine.Http };
            Assert.Contains("alive", await client.GetStringAsync(new Uri("health/live", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        File.WriteAllText(gate, "");
        PortIntruder.NeverListened(await worker.EndedAsync(intruder), Restarts);
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Sockets_that_do_not_fit_the_configuration_are_a_fault_that_names_both()
    {
        await using var worker = await Worker.InstallAsync("linux", new Dictionary<string, string> { ["Http:Addresses:0"] = "127.0.0.1" }, serviceManager: ServiceManager.HoldingSockets);
        var start = worker.Machine.TryStartDaemonAsync(TestContext.Current.CancellationToken);
        await worker.UntilAsync(() => worker.ConsoleText().Contains("macrunners.socket", StringComparison.Ordinal), "the fault is told");
        Assert.Contains($"holds 0.0.0.0:{worker.Machine.Http.Port}, but Http:Port and Http:Addresses ask for 127.0.0.1:{worker.Machine.Http.Port}", worker.ConsoleText(), StringComparison.Ordinal);
        worker.Machine.SignalDaemon("TERM");
        Assert.False(await start);
    }
}

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class ControlOnMacOS() : ControlScenarios("macos");
