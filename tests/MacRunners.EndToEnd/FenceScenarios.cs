using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Trial;

namespace MacRunners.EndToEnd;

/// <summary>The network fence around a daemon's jobs: what keeps it standing, and what becomes of jobs while it does not.</summary>
public abstract class FenceScenarios(string platform)
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rules_that_somebody_takes_away_keep_jobs_away_until_they_stand_again()
    {
        await using var worker = await StartAsync();
        await worker.ReadyAsync();
        Assert.Contains("it stands", Operator.Findings(await DoctorAsync(worker), "fence")[0]["what"]!.GetValue<string>(), StringComparison.Ordinal);

        await TakeDownAsync(worker.Machine);
        await worker.UntilAsync(async () => Fence(await worker.HealthAsync()) == "unhealthy", "the check has noticed", TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await worker.HealthAsync("health/ready")).Status);
        var waiting = worker.Queue("./hello.sh");

        // Not taken while it does not stand, and not before three looks have found that it does.
        Assert.Equal(0, (await worker.EndedAsync(waiting)).ExitStatus);
        await worker.HealthIsAsync("healthy");
        var log = worker.ConsoleText();
        Assert.True(log.LastIndexOf("The network fence stands", StringComparison.Ordinal) > log.IndexOf("the network fence does not stand", StringComparison.Ordinal));
        Assert.True(log.IndexOf(waiting, StringComparison.Ordinal) > log.LastIndexOf("The network fence stands", StringComparison.Ordinal));
        Assert.NotEqual("", await RulesAsync(worker.Machine));
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task The_rules_stay_when_the_daemon_ends_until_they_are_removed()
    {
        await using var worker = await StartAsync();
        await worker.Machine.StopDaemonAsync(Cancel);
        var stand = await RulesAsync(worker.Machine);

        // What is shown is what was loaded, but for the filter's own wording.
        var (shown, rules, complaint) = await worker.MacrunnersAsync("fence", "show");
        Assert.True(shown == 0, complaint);
        Assert.NotEmpty(Labels(rules));
        Assert.Equal(Labels(rules), Labels(stand));

        for (var round = 0; round < 2; round++)
        {
            var (exitCode, _, error) = await worker.MacrunnersAsync("fence", "remove");
            Assert.True(exitCode == 0, error);
        }

        Assert.Equal("", await RulesAsync(worker.Machine));
        Assert.Contains("takes the rules", Operator.Findings(await DoctorAsync(worker), "fence")[0]["what"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("", await RulesAsync(worker.Machine));
    }

    [Fact]
    public async Task Switched_off_nothing_is_loaded_and_jobs_are_taken()
    {
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string> { ["Network:Fence"] = "false" });

        var (job, _) = await worker.RunAsync("./hello.sh");

        Assert.Equal(0, job.ExitStatus);
        Assert.Equal("", await RulesAsync(worker.Machine));
        Assert.Contains("switched off", Operator.Findings(await DoctorAsync(worker), "fence")[0]["what"]!.GetValue<string>(), StringComparison.Ordinal);
        await worker.IsCleanAsync();
    }

    /// <summary>A machine whose host can have a fence; where it cannot, the test is skipped and says why.</summary>
    private protected async Task<Worker> StartAsync(IReadOnlyList<string>? serviceManager = null)
    {
        var worker = await Worker.InstallAsync(platform, serviceManager: serviceManager);
        try
        {
            Assert.SkipWhen(worker.Machine.NoFenceBecause is not null, worker.Machine.Fence);
            await worker.Machine.StartDaemonAsync(Cancel);
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>The rules as the packet filter has them; empty when there are none.</summary>
    private protected abstract Task<string> RulesAsync(TrialMachine machine);

    /// <summary>Does what somebody else does who administers the packet filter.</summary>
    private protected abstract Task TakeDownAsync(TrialMachine machine);

    private protected static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, await error);
        return output;
    }

    private static List<string> Labels(string rules) => [.. rules.Split('"').Where(text => text.StartsWith("macrunners ", StringComparison.Ordinal))];

    private static string Fence((HttpStatusCode Status, JsonNode Body) health) =>
        health.Body["checks"]!.AsArray().Single(check => check!["name"]!.GetValue<string>() == "fence")!["status"]!.GetValue<string>();

    private static async Task<JsonNode> DoctorAsync(Worker worker) => JsonNode.Parse((await worker.MacrunnersAsync("doctor", "--json", "--no-probe")).Output)!;
}

/// <summary>On the host's own nftables, with a table and numbers of the test's.</summary>
public class FenceOnLinux() : FenceScenarios("linux")
{
    [Fact]
    public async Task A_job_is_refused_at_the_daemon_s_port_and_reaches_Buildkite_its_repository_and_servers_of_its_own()
    {
        await using var worker = await StartAsync();

        // The checkout and the agent's own calls have gone through when this runs.
        var (job, _) = await worker.RunAsync(
            $$"""
            ./hello.sh
            attempt() { (exec 3<>"/dev/tcp/$1/$2") 2>"$TMPDIR/why" && echo "$3=open" || echo "$3=$(grep -o 'Connection refused' "$TMPDIR/why")"; }
            attempt 127.0.0.1 {{worker.Machine.Http.Port}} daemon
            attempt ::1 {{worker.Machine.Http.Port}} daemon6
            attempt "$(hostname -I | cut -d' ' -f1)" {{worker.Machine.Http.Port}} outer
            attempt 169.254.169.254 80 metadata
            attempt 127.0.0.1 {{worker.Machine.Buildkite.Endpoint.Port}} buildkite
            python3 -u -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1]); s.accept()' >"$TMPDIR/port" & server=$!
            until [ -s "$TMPDIR/port" ]; do sleep 0.05; done
            attempt 127.0.0.1 "$(cat "$TMPDIR/port")" own
            wait $server
            """);

        Assert.Equal(0, job.ExitStatus);
        Assert.Contains(Worker.Printed(job), line => line.StartsWith("hello from", StringComparison.Ordinal));
        Assert.All((string[])["daemon", "daemon6", "outer", "metadata"], name => Assert.Equal("Connection refused", Worker.Value(job, name)));
        Assert.All((string[])["buildkite", "own"], name => Assert.Equal("open", Worker.Value(job, name)));

        // Everybody else, such as this test, is answered.
        Assert.Equal(HttpStatusCode.OK, (await worker.HealthAsync("health/live")).Status);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task Without_nft_no_job_is_taken_and_the_remedy_is_said()
    {
        // As if the package were not installed: the daemon's own look at the file system is another one.
        const string hide = """shift; mount --make-rprivate /; mount --bind /dev/null /usr/sbin/nft; exec "$@" """;
        await using var worker = await StartAsync(["/usr/bin/unshare", "--mount", "/bin/sh", "-c", hide, "daemon"]);
        var waiting = worker.Queue("./hello.sh");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await worker.HealthIsAsync("unhealthy"));
        await worker.LoggedAsync("Install nftables (Debian: apt-get install nftables)");
        await worker.UntilAsync(() => worker.Machine.Buildkite.Requests.All("scheduled-jobs").Length > 1, "the daemon has polled again");

        Assert.Equal("scheduled", worker.Buildkite.ViewJob(waiting).State);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await worker.HealthAsync("health/ready")).Status);
    }

    private protected override async Task<string> RulesAsync(TrialMachine machine) => await HostFence.ListAsync(machine.FenceTable, Cancel) ?? "";

    private protected override Task TakeDownAsync(TrialMachine machine) => RunAsync("/usr/sbin/nft", "flush", "table", "inet", machine.FenceTable);
}

/// <summary>On the emulated pf, which keeps and shows rules, but filters nothing.</summary>
[Trait("platform", "macos")]
public class FenceOnMacOS() : FenceScenarios("macos")
{
    private protected override Task<string> RulesAsync(TrialMachine machine) => PfctlAsync(machine, "-a", $"com.apple/{machine.FenceTable}", "-s", "rules");

    private protected override Task TakeDownAsync(TrialMachine machine) => PfctlAsync(machine, "-a", $"com.apple/{machine.FenceTable}", "-F", "all");

    private static Task<string> PfctlAsync(TrialMachine machine, params string[] arguments) => RunAsync($"{machine.EmulatorRoot}/sbin/pfctl", arguments);
}
