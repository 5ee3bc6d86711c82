using System.Diagnostics;
using MacRunners.Simulator.Faults;

namespace MacRunners.EndToEnd.Tokens;

/// <summary>The agent token on its way to an agent that takes its time, while the daemon does not live on.</summary>
public abstract class FallbackScenarios(string platform)
{
    private const UnixFileMode ExecutableOnly = (UnixFileMode)0b111_001_001;
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_daemon_killed_before_it_has_handed_the_token_over_does_so_when_it_is_back()
    {
        await using var worker = await StartAsync(new Dictionary<string, string>());
        var id = worker.Queue("echo runs");
        await KillBeforeHandOverAsync(worker);

        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.LoggedAsync($"Job {id} goes on");
        Assert.True(File.Exists(TokenFile(worker, id)));
        foreach (var shown in (string[])["cmdline", "environ"])
        {
            var text = await File.ReadAllTextAsync($"/proc/{worker.AgentPid(id)}/{shown}", Cancel);
            Assert.NotEmpty(text);
            Assert.DoesNotContain(worker.Machine.ClusterToken, text, StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(Gate(worker), "", Cancel);
        var job = await worker.EndedAsync(id);

        Assert.Equal(0, job.ExitStatus);
        Assert.Contains("runs", Worker.Printed(job));
        Assert.Single(job.Events, e => e.Name == "STARTED");
        Assert.False(File.Exists(TokenFile(worker, id)));
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task An_agent_that_does_not_ask_for_the_token_in_time_is_ended_and_the_job_says_so()
    {
        await using var worker = await StartAsync(new Dictionary<string, string> { ["Jobs:StartDeadline"] = "00:00:04" });
        var id = worker.Queue("echo never");
        await KillBeforeHandOverAsync(worker);

        await worker.Machine.StartDaemonAsync(Cancel);
        var job = await worker.EndedAsync(id);

        Assert.Equal(-1, job.ExitStatus);
        Assert.Contains("did not acquire the job within 4 s (Jobs:StartDeadline)", job.FinishDetail, StringComparison.Ordinal);
        Assert.False(File.Exists(TokenFile(worker, id)));
        await worker.IsCleanAsync();
    }

    private static int Polls(Worker worker) => worker.Machine.Buildkite.Requests.All("/scheduled-jobs").Length;

    private static string Gate(Worker worker) => Path.Combine(worker.Machine.Folder, "gate");

    private static string TokenFile(Worker worker, string job) => Path.Combine(worker.Machine.Folder, "run", "token", job);

    [Fact]
    public async Task An_agent_that_can_be_read_gets_no_job_while_the_fallback_is_allowed()
    {
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string>
        {
            ["Buildkite:AllowAgentTokenFallback"] = "true",
            ["Buildkite:BusyPollInterval"] = "00:00:01",
        });
        var agent = Path.Combine(worker.Machine.Folder, "bin", "buildkite-agent");

        await worker.LoggedAsync($"run chmod 711 {agent}");
        var id = worker.Queue("true");
        var polls = Polls(worker);
        await worker.UntilAsync(() => Polls(worker) > polls + 1, "it has polled since");
        Assert.Equal("scheduled", worker.Buildkite.ViewJob(id).State);

        File.SetUnixFileMode(agent, ExecutableOnly);
        Assert.Equal(0, (await worker.EndedAsync(id)).ExitStatus);
        await worker.IsCleanAsync();
    }

    // The stub agent behind a gate: before that is open it does not look at its configuration. The gate is no script, since with the
    // fallback an agent must not be readable.
    private async Task<Worker> StartAsync(Dictionary<string, string> settings)
    {
        settings["Buildkite:AllowAgentTokenFallback"] = "true";
        var worker = await Worker.InstallAsync(platform, settings);
        var agent = Path.Combine(worker.Machine.Folder, "bin", "buildkite-agent");
        var stub = Path.Combine(worker.Machine.Folder, "bin", "stub", "buildkite-agent");
        _ = Directory.CreateDirectory(Path.GetDirectoryName(stub)!);
        File.Move(agent, stub);
        await CompileAsync(agent, $$"""
            #include <string.h>
            #include <unistd.h>
            int main(int count, char **arguments)
            {
                while (count > 1 && strcmp(arguments[1], "--version") != 0 && access("{{Gate(worker)}}", F_OK) != 0)
                    usleep(20000);
                return execv("{{stub}}", arguments);
            }
            """);
        File.SetUnixFileMode(agent, ExecutableOnly);
        File.SetUnixFileMode(stub, ExecutableOnly);
        _ = worker.Machine.Buildkite.Faults.Add(new FaultSpec { NotIssued = "*" });
        await worker.Machine.StartDaemonAsync(Cancel);
        return worker;
    }

    private static async Task CompileAsync(string program, string source)
    {
        using var compiler = Process.Start(new ProcessStartInfo("gcc", ["-o", program, "-x", "c", "-"]) { RedirectStandardInput = true })!;
        await compiler.StandardInput.WriteAsync(source);
        compiler.StandardInput.Close();
        await compiler.WaitForExitAsync(Cancel);
        Assert.Equal(0, compiler.ExitCode);
    }

    private static async Task KillBeforeHandOverAsync(Worker worker)
    {
        await worker.LoggedAsync("The agent runs");
        worker.Machine.SignalDaemon("KILL");
        _ = await worker.Machine.WaitForDaemonAsync(Cancel);
    }
}

/// <summary>Real accounts of the host.</summary>
public class FallbackOnLinux() : FallbackScenarios("linux");

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class FallbackOnMacOS() : FallbackScenarios("macos");
