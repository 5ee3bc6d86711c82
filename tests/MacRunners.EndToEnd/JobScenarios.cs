using System.Globalization;
using System.Net;
using MacRunners.Simulator.Faults;

namespace MacRunners.EndToEnd;

/// <summary>What jobs experience and leave, on any platform. The subclasses run all of it on theirs.</summary>
public abstract class JobScenarios(string platform)
{
    private static readonly Dictionary<string, string> TwoSlots = new() { ["Jobs:Slots"] = "2" };

    [Fact]
    public async Task A_job_travels_the_whole_way_and_leaves_nothing()
    {
        await using var worker = await Worker.StartAsync(platform);

        var (job, report) = await worker.RunAsync("./hello.sh; cat src/answer.txt; exit 7");

        Assert.Equal("finished", job.State);
        Assert.Equal(7, job.ExitStatus);
        Assert.True(job.LogComplete);
        var account = report["account"]!.GetValue<string>();
        Assert.Contains($"hello from {job.Id} as {account}", Worker.Printed(job));
        Assert.Contains("42", Worker.Printed(job));
        Assert.Equal("Finished", report["outcome"]!.GetValue<string>());
        Assert.True(report["clean"]!.GetValue<bool>());
        Assert.StartsWith("bk-", account, StringComparison.Ordinal);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task Events_come_in_the_order_of_a_jobs_life()
    {
        await using var worker = await Worker.StartAsync(platform);

        var (job, _) = await worker.RunAsync("true");

        var events = job.Events.Select(e => e.Name).ToList();
        Assert.Equal(events.OrderBy(name => Array.IndexOf(["SCHEDULED", "RESERVED", "ASSIGNED", "ACCEPTED", "ACQUIRED", "STARTED", "FINISHED"], name)), events);
        Assert.Equal("FINISHED", events[^1]);
        Assert.Contains("RESERVED", events);
        var log = await File.ReadAllTextAsync(Path.Combine(worker.Machine.Logs, "jobs", $"{job.Id}.log"), TestContext.Current.CancellationToken);
        Assert.True(log.IndexOf("is reserved", StringComparison.Ordinal) < log.IndexOf("The agent runs", StringComparison.Ordinal));
        Assert.True(log.IndexOf("The agent runs", StringComparison.Ordinal) < log.IndexOf("is proven gone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_jobs_at_once_have_different_users_and_cannot_reach_each_other()
    {
        await using var worker = await Worker.StartAsync(platform, TwoSlots);

        // Both wait until the other has put its secrets in place, and again until the other has looked for them.
        var meeting = $"/var/tmp/meet-{Guid.NewGuid():N}";
        string Look(int me, int other) => $$"""
            echo "uid=$(id -u)"; echo "gids=$(id -G)"; echo "home=$HOME"; tried=0
            echo mine > "$HOME/secret"; (umask 022; echo mine > "$TMPDIR/secret"); export SECRET_OF_THIS_JOB=1
            sh -c 'echo > /tmp/private-$BUILDKITE_JOB_ID; sleep 30' & keeper=$!
            (umask 022; echo "$HOME" > {{meeting}}-here-{{me}})
            until [ -s {{meeting}}-here-{{other}} ]; do sleep 0.05; done
            other=$(cat {{meeting}}-here-{{other}})
            for path in "$other/secret" "$other/tmp/secret" "$other/workspace"; do
              tried=$((tried + 1)); ls "$path" 2>/dev/null && echo "read=$path"; cat "$path" 2>/dev/null && echo "read=$path"
            done
            touch "$other/planted" 2>/dev/null && echo "read=wrote"
            for file in /tmp/private-*; do [ -O "$file" ] || { tried=$((tried + 1)); cat "$file" 2>/dev/null && echo "read=$file"; }; done
            for p in /proc/[0-9]*; do
              [ -O "$p" ] || { tr '\0' '\n' < "$p/environ" 2>/dev/null | grep -q SECRET_OF_THIS_JOB && echo "read=environ"; }
            done
            touch {{meeting}}-done-{{me}}

            # Or the other has ended meanwhile, and nothing of it is left.
            until [ -e {{meeting}}-done-{{other}} ] || [ ! -e {{meeting}}-here-{{other}} ]; do sleep 0.05; done
            kill $keeper; echo "tried=$tried"
            """;

        var first = worker.Queue(Look(1, 2));
        var second = worker.Queue(Look(2, 1));
        var one = await worker.EndedAsync(first);
        var two = await worker.EndedAsync(second);

        foreach (var job in (Simulator.Messages.JobView[])[one, two])
        {
            Assert.Equal(0, job.ExitStatus);
            Assert.True(int.Parse(Worker.Value(job, "tried"), CultureInfo.InvariantCulture) >= 4);
            Assert.DoesNotContain(Worker.Printed(job), line => line.StartsWith("read=", StringComparison.Ordinal));
            Assert.Equal(Worker.Value(job, "uid"), Worker.Value(job, "gids"));
        }

        Assert.NotEqual(Worker.Value(one, "uid"), Worker.Value(two, "uid"));
        Assert.NotEqual(Worker.Value(one, "home"), Worker.Value(two, "home"));
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task Daemons_and_files_that_a_job_leaves_behind_are_gone_afterwards()
    {
        await using var worker = await Worker.StartAsync(platform);

        var (job, report) = await worker.RunAsync("""
            (trap '' TERM HUP INT; setsid sh -c 'trap "" TERM; while :; do sleep 1; done' >/dev/null 2>&1 &)
            mkdir /tmp/d-$BUILDKITE_JOB_ID /dev/shm/d-$BUILDKITE_JOB_ID; touch "/var/tmp/-rf $BUILDKITE_JOB_ID" "/tmp/d-$BUILDKITE_JOB_ID/x"
            chmod 000 /tmp/d-$BUILDKITE_JOB_ID; mkfifo /tmp/f-$BUILDKITE_JOB_ID; ln -s /etc/passwd /tmp/l-$BUILDKITE_JOB_ID
            ln -s / "$HOME/root"; mkdir -p "$HOME/a/b"; chmod 000 "$HOME/a"
            """);

        Assert.Equal(0, job.ExitStatus);
        Assert.True(report["clean"]!.GetValue<bool>());
        var found = report["found"]!.AsArray().Select(entry => entry!["detail"]!.GetValue<string>()).ToList();
        Assert.Contains(found, detail => detail.Contains("pid ", StringComparison.Ordinal));
        Assert.Contains(found, detail => detail.EndsWith($"/f-{job.Id}", StringComparison.Ordinal));
        Assert.Contains(found, detail => detail.EndsWith($"/d-{job.Id}", StringComparison.Ordinal));
        Assert.True(File.Exists("/etc/passwd"));
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_command_that_closes_its_terminal_before_it_ends_ends_as_it_will()
    {
        await using var worker = await Worker.StartAsync(platform);

        var (job, _) = await worker.RunAsync("exec </dev/null >/dev/null 2>&1; sleep 0.5; exit 3");

        Assert.Equal(3, job.ExitStatus);
    }

    [Fact]
    public async Task A_job_over_its_limit_is_cancelled_and_says_so()
    {
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string>
        {
            ["Jobs:Timeout"] = "00:00:04",
            ["Jobs:CancelGrace"] = "00:00:03",
        });

        var (job, report) = await worker.RunAsync("echo begins; sleep 300");

        Assert.Equal("TimedOut", report["outcome"]!.GetValue<string>());
        Assert.NotEqual(0, job.ExitStatus);
        Assert.Equal("agent_stop", job.SignalReason);
        Assert.Contains("Jobs:Timeout", report["why"]!.GetValue<string>(), StringComparison.Ordinal);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_job_that_stops_its_own_agent_is_ended_at_its_limit()
    {
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string>
        {
            ["Jobs:Timeout"] = "00:00:15",
            ["Jobs:CancelGrace"] = "00:00:02",
        });

        var id = worker.Queue("""
            above=$PPID
            while kill -0 "$above" 2>/dev/null; do stopped="$stopped $above"; above=$(ps -o ppid= -p "$above" | tr -d ' '); done
            kill -STOP $stopped
            sleep 600
            """);
        await worker.UntilAsync(() => worker.Machine.Report(id) is not null || IsStopped(worker, id), "the agent is stopped");
        Assert.Null(worker.Machine.Report(id));
        _ = await worker.EndedAsync(id);

        var report = worker.Machine.Report(id)!;
        Assert.Equal("TimedOut", report["outcome"]!.GetValue<string>());
        Assert.Contains("Jobs:Timeout", report["why"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.True(report["clean"]!.GetValue<bool>(), report.ToJsonString());
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_job_that_says_nothing_for_too_long_is_cancelled_and_says_so()
    {
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string>
        {
            ["Jobs:NoOutputTimeout"] = "00:00:03",
            ["Jobs:CancelGrace"] = "00:00:03",
        });

        var (job, report) = await worker.RunAsync("for tick in 1 2 3 4 5 6 7 8; do echo tick $tick; sleep 1; done; echo silent; sleep 300");

        Assert.Contains("silent", Worker.Printed(job));
        Assert.Equal("TimedOut", report["outcome"]!.GetValue<string>());
        Assert.Equal("agent_stop", job.SignalReason);
        Assert.Contains("Jobs:NoOutputTimeout", report["why"]!.GetValue<string>(), StringComparison.Ordinal);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_job_cancelled_while_it_runs_ends_as_cancelled()
    {
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string> { ["Jobs:CancelGrace"] = "00:00:03" });
        var id = worker.Queue("echo begins; sleep 300");
        await worker.StateAsync(id, "running");

        _ = worker.Buildkite.Cancel(id);
        var job = await worker.EndedAsync(id);

        Assert.Equal("canceled", job.State);
        Assert.Equal("Cancelled", worker.Machine.Report(id)!["outcome"]!.GetValue<string>());
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_job_cancelled_before_its_agent_is_started_gets_none()
    {
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string> { ["Jobs:StateCheckInterval"] = "00:00:00.3" });
        _ = worker.Machine.Buildkite.Faults.Add(new FaultSpec { Route = "/v3/stacks/*/job-acquisition-tokens", DelayMs = 5000 });
        var id = worker.Queue("echo never");
        await worker.StateAsync(id, "reserved");

        _ = worker.Buildkite.Cancel(id);
        var job = await worker.EndedAsync(id);

        Assert.Equal("canceled", job.State);
        Assert.Null(job.Agent);
        Assert.Equal("Cancelled", worker.Machine.Report(id)!["outcome"]!.GetValue<string>());
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_job_cancelled_while_its_agent_starts_is_not_run()
    {
        await using var worker = await Worker.StartAsync(platform);
        _ = worker.Machine.Buildkite.Faults.Add(new FaultSpec { Route = "/v3/register", DelayMs = 3000 });
        var id = worker.Queue("echo never");
        await worker.LoggedAsync("The agent runs");

        _ = worker.Buildkite.Cancel(id);
        var job = await worker.EndedAsync(id);

        Assert.Equal("canceled", job.State);
        Assert.DoesNotContain("never", job.Log, StringComparison.Ordinal);
        Assert.Contains(worker.Machine.Report(id)!["outcome"]!.GetValue<string>(), (string[])["Cancelled", "TakenElsewhere"]);
        await worker.IsCleanAsync();
    }

    [Theory]
    [InlineData("after:jobReserved:1")]
    [InlineData("after:accountCreating:1")]
    [InlineData("after:accountCreated:1")]
    [InlineData("after:agentStarting:1")]
    public async Task A_job_cancelled_while_its_place_is_made_is_not_run_and_leaves_nothing(string moment)
    {
        await using var worker = await Worker.InstallAsync(platform, new Dictionary<string, string> { ["Jobs:StateCheckInterval"] = "00:00:00.3" }, faulty: true);
        var job = PatientJob.Queue(worker);
        job.Release();
        await worker.HoldAsync(moment);

        _ = worker.Buildkite.Cancel(job.Id);
        worker.GoOn();
        var ended = await worker.EndedAsync(job.Id);

        var report = worker.Machine.Report(job.Id)!;
        Assert.Equal(("canceled", "Cancelled", true), (ended.State, report["outcome"]!.GetValue<string>(), report["clean"]!.GetValue<bool>()));
        Assert.Empty(job.Trace);
        await worker.IsCleanAsync();
    }

    [Theory]
    [InlineData("after:stepStarting:1")]
    [InlineData("after:stepStarting:2")]
    [InlineData("after:stepStarting:3")]
    [InlineData("after:stepStarting:4")]
    public async Task A_job_cancelled_while_it_is_torn_down_because_its_agent_died_leaves_nothing(string moment)
    {
        await using var worker = await Worker.InstallAsync(platform, faulty: true);
        var job = PatientJob.Queue(worker);
        var held = worker.HoldAsync(moment);
        await job.RunsAsync();
        worker.KillAgent(job.Id);
        await held;

        _ = worker.Buildkite.Cancel(job.Id);
        worker.GoOn();
        _ = await worker.EndedAsync(job.Id);

        var report = worker.Machine.Report(job.Id)!;
        // Whether Buildkite is asked what became of the job before or after it is cancelled is not decided by the hold.
        Assert.Contains(report["outcome"]!.GetValue<string>(), (string[])["Lost", "Cancelled"]);
        Assert.True(report["clean"]!.GetValue<bool>(), report.ToJsonString());
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_hostile_environment_stays_the_jobs_own()
    {
        await using var worker = await Worker.StartAsync(platform);

        var (job, report) = await worker.RunAsync(
            """
            echo "value=$VALUE" | tr '\n' '|'; echo
            echo "token=${BUILDKITE_AGENT_TOKEN-unset}"; echo "hooks=${BUILDKITE_HOOKS_PATH-unset}"; echo "preload=$LD_PRELOAD"; echo "uid=$(id -u)"
            """,
            new Dictionary<string, string>
            {
                ["A=B"] = "c",
                ["NEW\nLINE"] = "x",
                ["VALUE"] = "one\ntwo\nBUILDKITE_AGENT_TOKEN=stolen",
                ["LD_PRELOAD"] = "/tmp/evil.so",
                ["DYLD_INSERT_LIBRARIES"] = "/tmp/evil.dylib",
                ["BUILDKITE_AGENT_TOKEN"] = "bkct_planted",
                ["BUILDKITE_HOOKS_PATH"] = "/tmp/evil-hooks",
                ["HOME"] = "/root",
                [""] = "empty",
            });

        // The job gets what its pipeline says, and may harm itself with it; the agent and the daemon are not moved.
        Assert.Equal(0, job.ExitStatus);
        Assert.Equal("one|two|BUILDKITE_AGENT_TOKEN=stolen|", Worker.Value(job, "value"));
        Assert.Equal("/tmp/evil.so", Worker.Value(job, "preload"));
        Assert.DoesNotContain("evil-hooks", Worker.Value(job, "hooks"), StringComparison.Ordinal);
        Assert.Equal(report["uid"]!.ToString(), Worker.Value(job, "uid"));
        Assert.DoesNotContain("LD_PRELOAD", await File.ReadAllTextAsync($"/proc/{worker.Machine.DaemonPid}/environ", TestContext.Current.CancellationToken));
        Assert.True(report["clean"]!.GetValue<bool>());
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_job_without_a_usable_PATH_fails_alone()
    {
        await using var worker = await Worker.StartAsync(platform);

        var (job, report) = await worker.RunAsync("ls", new Dictionary<string, string> { ["PATH"] = "/nowhere" });

        Assert.Equal("finished", job.State);
        Assert.NotEqual(0, job.ExitStatus);
        Assert.True(report["clean"]!.GetValue<bool>());
        Assert.Equal(0, (await worker.RunAsync("./hello.sh")).Job.ExitStatus);
    }

    [Fact]
    public async Task A_stop_lets_the_running_job_end_and_takes_no_other()
    {
        await using var worker = await Worker.StartAsync(platform);
        var running = worker.Queue("echo begins; sleep 3; echo ends");
        await worker.StateAsync(running, "running");
        var waiting = worker.Queue("echo never");

        var exitCode = await worker.Machine.StopDaemonAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, exitCode);
        var job = worker.Buildkite.ViewJob(running);
        Assert.Equal(0, job.ExitStatus);
        Assert.Contains("ends", Worker.Printed(job));
        Assert.Equal("scheduled", worker.Buildkite.ViewJob(waiting).State);
        Assert.Empty(worker.Machine.Leftovers());
    }

    [Fact]
    public async Task A_second_signal_cancels_the_running_job()
    {
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string> { ["Jobs:CancelGrace"] = "00:00:03" });
        var id = worker.Queue("echo begins; sleep 300");
        await worker.StateAsync(id, "running");

        worker.Machine.SignalDaemon("TERM");
        await worker.LoggedAsync("no further job is taken");
        worker.Machine.SignalDaemon("TERM");
        var exitCode = await worker.Machine.WaitForDaemonAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, exitCode);
        Assert.Equal("agent_stop", worker.Buildkite.ViewJob(id).SignalReason);
        Assert.Equal("Stopped", worker.Machine.Report(id)!["outcome"]!.GetValue<string>());
        Assert.Empty(worker.Machine.Leftovers());
    }

    [Fact]
    public async Task Two_machines_race_for_jobs_and_each_job_runs_once()
    {
        await using var one = await Worker.StartAsync(platform, TwoSlots);
        await using var two = await Worker.StartAsync(platform, TwoSlots, shared: one.Machine.Shared);

        // Slow reservations: both have seen the same jobs before either has one.
        _ = one.Machine.Buildkite.Faults.Add(new FaultSpec { Route = "/stacks/*/scheduled-jobs/batch-reserve", DelayMs = 700 });
        var ids = Enumerable.Range(0, 8).Select(_ => one.Queue("echo once; sleep 0.3")).ToList();
        foreach (var id in ids)
        {
            await one.UntilAsync(
                () => one.Buildkite.ViewJob(id).State == "finished" && (one.Machine.Report(id) ?? two.Machine.Report(id)) is not null,
                $"job {id} has a report");
        }

        Assert.All(ids, id =>
        {
            var job = one.Buildkite.ViewJob(id);
            Assert.Equal(0, job.ExitStatus);
            Assert.Single(Worker.Printed(job), "once");
            var outcomes = new[] { one.Machine.Report(id), two.Machine.Report(id) }
                .Where(report => report is not null).Select(report => report!["outcome"]!.GetValue<string>());
            Assert.Single(outcomes, "Finished");
        });
        var asked = one.Machine.Buildkite.Requests.All("batch-reserve");
        Assert.Contains(ids, id => asked.Where(request => request.Body!.Contains(id, StringComparison.Ordinal)).Select(request => request.Path).Distinct().Count() == 2);
        await one.IsCleanAsync();
        await two.IsCleanAsync();
    }

    [Fact]
    public async Task Health_and_metrics_tell_what_happened()
    {
        await using var worker = await Worker.StartAsync(platform);
        _ = await worker.RunAsync("true");

        // Checks run in the background, each for the first time soon after the start.
        Assert.Equal(HttpStatusCode.OK, await worker.HealthIsAsync("healthy"));
        Assert.Equal(HttpStatusCode.OK, (await worker.HealthAsync("health/live")).Status);

        using var client = new HttpClient { BaseAddress = worker.Machine.Http };
        var metrics = await client.GetStringAsync("metrics", TestContext.Current.CancellationToken);
        Assert.Contains("macrunners_jobs_total{outcome=\"finished\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("macrunners_dirty 0", metrics, StringComparison.Ordinal);
        await Promtool.AcceptsAsync(metrics);
    }

    // Its state is the first letter behind the name.
    private static bool IsStopped(Worker worker, string id)
    {
        try
        {
            return worker.Machine.Console.Contains("The agent runs", StringComparison.Ordinal)
                && File.ReadAllText($"/proc/{worker.AgentPid(id)}/stat").Contains(") T ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It is gone, or its log is not there yet.
            return false;
        }
    }
}

/// <summary>Real accounts of the host.</summary>
public class OnLinux() : JobScenarios("linux");

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class OnMacOS() : JobScenarios("macos");
