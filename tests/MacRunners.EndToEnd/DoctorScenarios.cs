using System.Diagnostics;
using System.Text.Json.Nodes;
using MacRunners.MacEmulator.Faults;

namespace MacRunners.EndToEnd;

/// <summary>Every examination of doctor that can fail for a reason of the machine, made to fail: it says what is wrong, and what to do about it.</summary>
public abstract class DoctorScenarios(string platform)
{
    private const string Failed = "failed";
    private const string Warning = "warning";

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Somebody_else_than_root_is_told_to_use_sudo_and_what_was_left_out()
    {
        await using var worker = await Worker.InstallAsync(platform);
        using var doctor = Process.Start(new ProcessStartInfo(
            "/usr/bin/setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", worker.Machine.DaemonProgram, "doctor", "--json", "--config", worker.Machine.ConfigFile])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        })!;
        var report = JsonNode.Parse(await doctor.StandardOutput.ReadToEndAsync(Cancel))!;
        await doctor.WaitForExitAsync(Cancel);

        Assert.Equal(1, doctor.ExitCode);
        AssertSays(report, "root", Failed, "does not run as root", "sudo");
        if (worker.Machine.NoFenceBecause is null)
        {
            AssertSays(report, "fence", Warning, "only root can ask the packet filter", "sudo");
        }

        AssertSays(report, "probe", Warning, "only root can make accounts", "sudo");
    }

    [Fact]
    public async Task Little_room_little_memory_and_an_open_network_are_told_and_no_account_is_tried_where_no_job_would_be_taken()
    {
        await using var worker = await Worker.InstallAsync(platform, new Dictionary<string, string>
        {
            ["Health:MinFreeBytes"] = "1125899906842624",
            ["Health:MinFreeMemoryBytes"] = "1125899906842624",
            ["Network:Fence"] = "false",
        });

        var (exitCode, report) = await Operator.AskAsync(worker, "doctor");

        Assert.Equal(1, exitCode);
        AssertSays(report, "disk", Failed, "required: 1048576.0 GiB (Health:MinFreeBytes)", "Free space");
        AssertSays(report, "memory", Warning, "MiB available", "Find out what uses it");
        AssertSays(report, "fence", Warning, "switched off (Network:Fence)", "Set Network:Fence to true");
        AssertSays(report, "probe", Warning, "skipped: no job would be taken now: free: ", "Remove the cause first");
        Assert.Empty(worker.Machine.Leftovers());
    }

    [Fact]
    public async Task Faults_of_the_configuration_are_told_with_what_is_allowed()
    {
        await using var worker = await Worker.InstallAsync(platform, new Dictionary<string, string> { ["Jobs:Slots"] = "0" });

        var (exitCode, report) = await Operator.AskAsync(worker, "doctor");

        Assert.Equal(1, exitCode);
        AssertSays(report, "configuration", Failed, "Jobs:Slots = \"0\"; allowed: ", "Correct the value");
        AssertSays(report, "probe", Warning, "the configuration has faults", "Correct them first");
    }

    [Fact]
    public async Task An_agent_that_cannot_be_driven_is_told()
    {
        using var agent = new ScriptedAgent("2.6.10", "exit 0");
        await using var worker = await Worker.InstallAsync(platform, agent: agent.Path);

        var (exitCode, report) = await Operator.AskAsync(worker, "doctor");

        Assert.Equal(1, exitCode);
        AssertSays(report, "agent", Failed, "2.6.10", "Install buildkite-agent");
    }

    [Fact]
    public async Task An_agent_that_does_not_run_in_an_account_is_what_only_trying_shows()
    {
        await using var worker = await Worker.InstallAsync(platform);
        var agent = Path.Combine(worker.Machine.Folder, "bin", "buildkite-agent");
        File.Delete(agent);
        await File.WriteAllTextAsync(agent, "#!/bin/sh\n[ \"$(id -u)\" = 0 ] || { echo not for you; exit 5; }\necho 'buildkite-agent version 3.87.0, build 1'\n", Cancel);
        File.SetUnixFileMode(agent, (UnixFileMode)0b111_101_101);

        var (exitCode, report) = await Operator.AskAsync(worker, "doctor");

        Assert.Equal(1, exitCode);
        AssertSays(report, "probe", Failed, "(exit code 5): not for you", "No job could be started like this");
        Assert.Empty(worker.Machine.Leftovers());
    }

    private protected static void AssertSays(JsonNode report, string check, string status, string what, string remedy)
    {
        var finding = Assert.Single(Operator.Findings(report, check), finding => finding["status"]!.GetValue<string>() != "ok");
        Assert.Equal(status, finding["status"]!.GetValue<string>());
        Assert.Contains(what, finding["what"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains(remedy, finding["remedy"]!.GetValue<string>(), StringComparison.Ordinal);
    }
}

/// <inheritdoc/>
[Trait("platform", "linux")]
public class DoctorOnLinux() : DoctorScenarios("linux");

/// <inheritdoc/>
[Trait("platform", "macos")]
public class DoctorOnMacOS() : DoctorScenarios("macos")
{
    [Fact]
    public async Task A_directory_service_that_does_not_answer_is_told()
    {
        await using var worker = await Worker.InstallAsync("macos", new Dictionary<string, string> { ["Jobs:DirectoryTimeout"] = "00:00:03" });
        Control(worker).Add(new FaultRule { Tool = "dscl", Verb = "list", Hang = true });

        var (exitCode, report) = await Operator.AskAsync(worker, "doctor", "--no-probe");

        Assert.Equal(1, exitCode);
        AssertSays(report, "accounts", "failed", "did not end within", "opendirectoryd");
        AssertSays(report, "leftovers", "failed", "did not end within", "Remove the cause");
    }

    [Fact]
    public async Task A_packet_filter_that_does_not_take_the_rules_is_told_and_one_whose_rules_were_taken_away()
    {
        await using var worker = await Worker.InstallAsync("macos");
        Control(worker).Add(new FaultRule { Tool = "pfctl", Sigkill = 1 });

        AssertSays((await Operator.AskAsync(worker, "doctor", "--no-probe")).Answer, "fence", "failed", "pfctl", "/etc/pf.conf");

        Control(worker).Clear();
        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.ReadyAsync();

        // Faster than the daemon, which puts them up again.
        worker.Machine.SignalDaemon("STOP");
        try
        {
            using var flush = Process.Start(new ProcessStartInfo(worker.Machine.EmulatorRoot + "/sbin/pfctl", ["-a", $"com.apple/{worker.Machine.FenceTable}", "-F", "rules"])
            {
                RedirectStandardError = true,
            })!;
            await flush.WaitForExitAsync(Cancel);
            AssertSays((await Operator.AskAsync(worker, "doctor", "--no-probe")).Answer, "fence", "failed", "it does not stand as configured", "macrunners restart");
        }
        finally
        {
            worker.Machine.SignalDaemon("CONT");
        }
    }

    [Fact]
    public async Task A_service_manager_that_does_not_answer_is_told_and_one_that_does_not_know_the_daemon()
    {
        await using var worker = await Worker.InstallAsync("macos");
        AssertSays((await Operator.AskAsync(worker, "doctor", "--no-probe")).Answer, "service", "warning", "does not exist", "Install the package");

        Control(worker).Add(new FaultRule { Tool = "launchctl", Sigkill = 9 });
        AssertSays((await Operator.AskAsync(worker, "doctor", "--no-probe")).Answer, "service", "failed", "launchctl print", "Remove the cause");
    }

    private static EmulatorControl Control(Worker worker) => new(worker.Machine.EmulatorRoot);
}
