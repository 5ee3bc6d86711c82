using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MacRunners.Jobs.Journal;
using MacRunners.Simulator.State;

namespace MacRunners.EndToEnd.Packaging;

/// <summary>What operators do with packages, under jobs that are not to notice.</summary>
public abstract partial class InstallationScenarios(string platform)
{
    private const int Refused = 1;
    private const int RolledBack = 3;
    private protected const string Program = "/opt/macrunners/bin/macrunners";

    private protected static readonly string Deployment = File.ReadAllText(Path.Combine(Package.Scripts, "..", "DEPLOYMENT.md"));

    [Fact]
    public async Task From_the_first_installation_over_upgrade_rollback_and_downgrade_to_nothing()
    {
        await using var machine = await BootAsync();
        var before = machine.Snapshot();
        var package = Package.Make(machine.System, machine.Folder);
        var next = Package.MakeNext(machine.System, machine.Folder);

        // Without a configuration nothing is started, and the operator is told what is next.
        var told = await machine.DoAsync($"{package}/install.sh");
        Assert.Contains("agent-token", told, StringComparison.Ordinal);
        Assert.Contains("macrunners.json.example", told, StringComparison.Ordinal);
        Assert.Contains(StartCommand, told, StringComparison.Ordinal);
        Assert.Null(await machine.StatusAsync());

        // The example is a configuration: what it lacks is on this machine, not in it.
        await DocumentedAsync(machine, "cp /opt/macrunners/etc/macrunners.json.example /opt/macrunners/etc/macrunners.json");
        var faults = JsonNode.Parse((await machine.RunAsync(machine.Own(Program), "config", "validate", "--json", "--config", machine.Own("/opt/macrunners/etc/macrunners.json"))).Text)!["faults"]!.AsArray();
        Assert.All(faults, fault => Assert.Contains(fault!["key"]!.GetValue<string>(), (string[])["Buildkite:TokenFile", "Agent:Path"]));
        machine.Configure();
        await machine.DoAsync(machine.Own(Program), "config", "validate", "--config", machine.Own("/opt/macrunners/etc/macrunners.json"));
        await DocumentedAsync(machine, StartCommand);
        var pid = await RunsAsync(machine, Package.Version);
        var configuration = Contents(machine);

        // An upgrade: another process, the same job, and a port that is never free.
        var job = machine.Queue();
        await job.CountsAsync();
        await using (var probe = new PortProbe(machine.Port))
        {
            await machine.DoAsync($"{next}/install.sh");
            Assert.NotEqual(pid, await RunsAsync(machine, Package.NextVersion));
            Assert.True(job.Runs);
            Assert.True(await probe.EndAsync() > 0);
        }

        await job.PassesAsync();
        Assert.Equal(configuration, Contents(machine));
        Assert.Equal(Package.Version, File.ReadAllText(machine.PathOf("/opt/macrunners/previous/version")).Trim());

        // A version that does not run.
        job = machine.Queue();
        await job.CountsAsync();
        var broken = Package.MakeBroken(machine.System, machine.Folder, "broken", "exit 1");
        File.WriteAllText($"{broken}/version", "9.9.9\n");
        File.WriteAllText($"{broken}/files/opt/macrunners/bin/macrunners", File.ReadAllText($"{broken}/files/opt/macrunners/bin/macrunners").Replace(Package.NextVersion, "9.9.9", StringComparison.Ordinal));
        var (code, text) = await machine.RunAsync($"{broken}/install.sh");
        Assert.True(code == RolledBack, $"{code}: {text}");
        Assert.Contains("ended right after its start", text, StringComparison.Ordinal);
        await RunsAsync(machine, Package.NextVersion);
        Assert.True(job.Runs);
        Assert.Equal(Package.Version, File.ReadAllText(machine.PathOf("/opt/macrunners/previous/version")).Trim());

        // Back to the first version, on purpose and under the same job.
        await DocumentedAsync(machine, "/opt/macrunners/install.sh --rollback");
        await RunsAsync(machine, Package.Version);
        Assert.True(job.Runs);
        await job.PassesAsync();
        Assert.Equal(configuration, Contents(machine));

        // Uninstalled without --purge, what is the operator's stays.
        Assert.Equal(machine.NoFenceBecause is null, await machine.IsFencedAsync());
        job = machine.Queue();
        await job.CountsAsync();
        var uninstalling = DocumentedAsync(machine, "/opt/macrunners/uninstall.sh");
        await machine.UntilAsync(async () => (await machine.StatusAsync())?["drain"] is JsonObject, "it is drained");
        Assert.False(uninstalling.IsCompleted);
        await job.PassesAsync();
        await uninstalling;
        Assert.Equal(configuration, Contents(machine));
        Assert.False(File.Exists(machine.PathOf(Program)));
        Assert.False(await machine.IsFencedAsync());

        // Installed again, it starts by itself, and takes jobs.
        await machine.DoAsync($"{package}/install.sh");
        job = machine.Queue();
        await job.CountsAsync();
        await job.PassesAsync();
        await DocumentedAsync(machine, "/opt/macrunners/uninstall.sh --purge");
        Assert.Equal(before, machine.Snapshot());
    }

    [Fact]
    public async Task A_version_that_hangs_is_replaced_by_the_one_before_and_its_job_goes_on()
    {
        await using var machine = await InstalledAsync();
        var job = machine.Queue();
        await job.CountsAsync();
        var hanging = Package.MakeBroken(machine.System, machine.Folder, "hanging", "exec sleep 600");

        var (code, text) = await machine.RunAsync($"{hanging}/install.sh", "--wait", "3");

        Assert.True(code == RolledBack, $"{code}: {text}");
        Assert.Contains("did not answer within 3 s", text, StringComparison.Ordinal);
        await RunsAsync(machine, Package.Version);
        Assert.True(job.Runs);
        await job.PassesAsync();
    }

    [Fact]
    public async Task A_version_that_runs_but_is_not_well_is_replaced_by_the_one_before_and_its_job_goes_on()
    {
        await using var machine = await InstalledAsync();
        var job = machine.Queue();
        await job.CountsAsync();
        var unwell = Package.MakeChanged(machine.System, machine.Folder, "unwell", Package.MakeNext(machine.System, machine.Folder), "Health__MinFreeBytes=1125899906842624");

        var (code, text) = await machine.RunAsync($"{unwell}/install.sh", "--wait", "20");

        Assert.True(code == RolledBack, $"{code}: {text}");
        Assert.True(Regex.IsMatch(text, "it runs but is unhealthy, which the one before was not: .*disk"), text + await machine.DiagnoseAsync());
        await RunsAsync(machine, Package.Version);
        Assert.True(job.Runs);
        await job.PassesAsync();
    }

    [Fact]
    public async Task An_older_version_is_installed_over_a_newer_one_unless_it_does_not_know_its_journal()
    {
        await using var machine = await BootAsync();
        machine.Configure();
        var newer = Package.MakeNext(machine.System, machine.Folder);
        var older = Package.Make(machine.System, machine.Folder);
        await machine.DoAsync($"{newer}/install.sh");
        var job = machine.Queue();
        await job.CountsAsync();

        // One that finds a journal of a newer format where its own would be.
        var state = Path.Combine(machine.Folder, "state");
        _ = Directory.CreateDirectory(state);
        await File.WriteAllTextAsync(
            Path.Combine(state, JournalFile.FileName),
            JournalLine.Write(new JournalHeader(DateTimeOffset.UnixEpoch, JournalFile.FormatVersion + 1, "boot", 0)) + "\n",
            TestContext.Current.CancellationToken);
        var refusing = Package.MakeChanged(machine.System, machine.Folder, "refusing", older, $"Paths__State={state}");
        var (code, text) = await machine.RunAsync($"{refusing}/install.sh");
        Assert.True(code == RolledBack, $"{code}: {text}");
        Assert.Contains("ended right after its start", text, StringComparison.Ordinal);
        await RunsAsync(machine, Package.NextVersion);
        Assert.True(job.Runs);

        await machine.DoAsync($"{older}/install.sh");
        await RunsAsync(machine, Package.Version);
        Assert.Equal(Package.NextVersion, File.ReadAllText(machine.PathOf("/opt/macrunners/previous/version")).Trim());
        Assert.True(job.Runs);
        await job.PassesAsync();
    }

    [Fact]
    public async Task A_program_that_does_not_run_here_or_refuses_the_configuration_changes_nothing()
    {
        await using var machine = await InstalledAsync();
        var pid = (await machine.StatusAsync())!["pid"]!.GetValue<int>();
        var program = File.ReadAllBytes(machine.PathOf(Program));
        var alien = Package.MakeBroken(machine.System, machine.Folder, "alien", "exit 1");
        File.WriteAllText($"{alien}/files/opt/macrunners/bin/macrunners", "\u007fELF for another machine");
        var picky = Package.MakeBroken(machine.System, machine.Folder, "picky", "exit 1");
        File.WriteAllText($"{picky}/files/opt/macrunners/bin/macrunners", $"#!/bin/sh\n[ \"$1\" = version ] && echo 'macrunners {Package.NextVersion} linux-x64' || exit 78\n");

        var refusals = new[] { await machine.RunAsync($"{alien}/install.sh"), await machine.RunAsync($"{picky}/install.sh") };

        Assert.All(refusals, refusal => Assert.True(refusal.Code == Refused, $"{refusal.Code}: {refusal.Text}"));
        Assert.Equal(program, File.ReadAllBytes(machine.PathOf(Program)));
        Assert.Equal(pid, (await machine.StatusAsync())!["pid"]!.GetValue<int>());
        Assert.DoesNotContain(machine.Snapshot(), line => line.Contains(".new", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_somebody_else_could_exchange_files_nothing_is_installed()
    {
        await using var machine = await BootAsync();
        var package = Package.Make(machine.System, machine.Folder);
        _ = Directory.CreateDirectory(machine.PathOf("/opt/macrunners/lib"));
        File.SetUnixFileMode(machine.PathOf("/opt/macrunners/lib"), (UnixFileMode)0b111_111_111);
        var open = await machine.RunAsync($"{package}/install.sh");
        Directory.Delete(machine.PathOf("/opt/macrunners/lib"));
        _ = File.CreateSymbolicLink(machine.PathOf("/opt/macrunners/lib"), machine.Own("/usr/local"));
        var before = machine.Snapshot();
        var linked = await machine.RunAsync($"{package}/install.sh");
        File.Delete(machine.PathOf("/opt/macrunners/lib"));

        Assert.True(open.Code == Refused && open.Text.Contains("lib can be written to by everybody", StringComparison.Ordinal), open.Text);
        Assert.True(linked.Code == Refused && linked.Text.Contains("lib is a symbolic link", StringComparison.Ordinal), linked.Text);
        Assert.DoesNotContain(before, line => line.Contains("uninstall.sh", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_done_and_does_nothing()
    {
        await using var machine = await BootAsync();
        var before = machine.Snapshot();

        var text = await machine.DoAsync($"{Package.Make(machine.System, machine.Folder)}/install.sh", "--dry-run");

        Assert.Contains("/opt/macrunners/bin/macrunners", text, StringComparison.Ordinal);
        Assert.Equal(before, machine.Snapshot());
    }

    [Fact]
    public async Task An_upgrade_that_was_interrupted_can_be_taken_back_or_done_again()
    {
        await using var machine = await InstalledAsync();
        var job = machine.Queue();
        await job.CountsAsync();
        var next = Package.MakeNext(machine.System, machine.Folder);

        // Killed like the machine's power: as soon as what is installed has been put aside.
        var start = machine.RunAsync("/bin/bash", "-c", $"{next}/install.sh & installing=$!; until [ -d '{machine.Own("/opt/macrunners/undo")}' ]; do :; done; kill -KILL $installing; wait");
        _ = await start;
        Assert.Equal(Refused, (await machine.RunAsync($"{next}/install.sh")).Code);
        Directory.Delete(machine.PathOf("/opt/macrunners/installing"));
        await machine.DoAsync(machine.Own("/opt/macrunners/install.sh"), "--rollback");
        await RunsAsync(machine, Package.Version);
        await machine.DoAsync($"{next}/install.sh");
        await RunsAsync(machine, Package.NextVersion);
        Assert.True(job.Runs);
        await job.PassesAsync();
    }

    [Fact]
    public async Task A_stopped_service_is_upgraded_and_stays_stopped()
    {
        await using var machine = await InstalledAsync();
        await DocumentedAsync(machine, StopCommand);

        var text = await machine.DoAsync($"{Package.MakeNext(machine.System, machine.Folder)}/install.sh");

        Assert.Contains("is stopped and was left so", text, StringComparison.Ordinal);
        Assert.Null(await machine.StatusAsync());
        Assert.Contains(Package.NextVersion, await machine.DoAsync(machine.Own(Program), "version"), StringComparison.Ordinal);
    }

    private string StartCommand => platform == "linux"
        ? "systemctl enable --now macrunners.socket macrunners.service"
        : "launchctl enable system/com.macrunners.daemon && launchctl bootstrap system /Library/LaunchDaemons/com.macrunners.daemon.plist";

    private string StopCommand => platform == "linux"
        ? "systemctl stop macrunners.socket macrunners.service"
        : "launchctl bootout --wait system/com.macrunners.daemon";

    /// <summary>A machine on which nothing is installed.</summary>
    internal async Task<ServicedMachine> BootAsync()
    {
        ServicedMachine machine = platform == "linux" ? new SystemdMachine() : new LaunchdMachine();
        try
        {
            await machine.StartAsync();
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    private protected async Task<ServicedMachine> InstalledAsync()
    {
        var machine = await BootAsync();
        try
        {
            machine.Configure();
            await machine.DoAsync($"{Package.Make(machine.System, machine.Folder)}/install.sh");
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    // A command as the document has it, with its paths as the machine's are seen by the host.
    private protected static Task DocumentedAsync(ServicedMachine machine, string command)
    {
        Assert.Contains(command, Deployment, StringComparison.Ordinal);
        return machine.DoAsync("/bin/bash", "-c", OwnPaths().Replace(command, match => machine.Own(match.Value == "launchctl" ? "/bin/launchctl" : match.Value)));
    }

    // Returns the daemon's process.
    private protected static async Task<int> RunsAsync(ServicedMachine machine, string version)
    {
        JsonNode? status = null;
        await machine.UntilAsync(async () => (status = await machine.StatusAsync()) is not null, "the daemon answers");
        Assert.Equal(version, status!["version"]!.GetValue<string>());
        return status["pid"]!.GetValue<int>();
    }

    private static List<string> Contents(ServicedMachine machine) =>
        [.. ((string[])["macrunners.json", "agent-token"]).Select(name => machine.PathOf($"/opt/macrunners/etc/{name}")).Select(path => $"{File.GetUnixFileMode(path)} {File.ReadAllText(path)}")];

    [GeneratedRegex("(/opt|/Library)/[^ ]*|\\blaunchctl\\b")]
    private static partial Regex OwnPaths();
}

/// <summary>Under systemd, which is the host's own, booted in namespaces.</summary>
public class InstallationOnLinux() : InstallationScenarios("linux")
{
    /// <summary>Only here: the package for a Mac is made on one.</summary>
    [Fact]
    public async Task A_source_tree_is_installed_and_packed_by_the_commands_of_the_documents()
    {
        var tree = Path.GetFullPath(Path.Combine(Package.Scripts, ".."));
        Assert.SkipWhen(tree.StartsWith("/tmp/", StringComparison.Ordinal), "the machine has a /tmp of its own, so the source tree is not to be seen there");
        await using var machine = await BootAsync();
        machine.Configure();

        await TypeAsync(tree, "make install");
        _ = await RunsAsync(machine, Package.Version);
        var job = machine.Queue();
        await job.CountsAsync();
        await job.PassesAsync();
        await TypeAsync(tree, "make uninstall");
        Assert.False(File.Exists(machine.PathOf(Program)));

        await TypeAsync(tree, "make package");
        await TypeAsync(tree, $"mkdir /opt/there && cp artifacts/macrunners-{Package.Version}-linux-*.tar.gz /opt/there");
        const string unpack = "tar xzf macrunners-*.tar.gz && cd macrunners-*/";
        Assert.Contains(unpack, Deployment, StringComparison.Ordinal);
        Assert.Contains("sudo ./install.sh", Deployment, StringComparison.Ordinal);
        await TypeAsync("/opt/there", $"{unpack} && ./install.sh --dry-run && ./install.sh");
        _ = await RunsAsync(machine, Package.Version);
        await DocumentedAsync(machine, "/opt/macrunners/uninstall.sh --purge");

        Task<string> TypeAsync(string folder, string command) =>
            machine.DoAsync("/usr/bin/env", $"PATH={Environment.GetEnvironmentVariable("PATH")}", $"HOME={Environment.GetEnvironmentVariable("HOME")}", "/bin/bash", "-c", $"cd \"$0\" && {command}", folder);
    }

    /// <summary>Only here: launchd has no control groups.</summary>
    [Fact]
    public async Task A_job_is_in_a_control_group_within_the_service_s_and_stays_there_when_the_daemon_is_replaced()
    {
        await using var machine = (SystemdMachine)await InstalledAsync();
        var job = machine.Queue();
        await job.CountsAsync();
        await machine.UntilAsync(() => Task.FromResult(machine.JobGroups().Count == 1), "the self-test has none any more");
        var group = machine.JobGroups().Single();
        Assert.Matches(@"^/system\.slice/macrunners\.service/macrunners-uid-\d+$", group);

        await machine.DoAsync($"{Package.MakeNext(machine.System, machine.Folder)}/install.sh");
        await RunsAsync(machine, Package.NextVersion);

        Assert.Contains(group, machine.JobGroups());
        await job.PassesAsync();
        await machine.UntilAsync(() => Task.FromResult(machine.JobGroups().Count == 0), "its control group is gone");
    }

    /// <summary>Only here: they name the program by its path, and the emulated Mac has another root.</summary>
    [Fact]
    public async Task The_scripts_of_older_names_make_an_account_and_remove_it()
    {
        const string create = "/usr/local/bin/bun-ci/create-build-user.sh", cleanup = "/usr/local/bin/bun-ci/cleanup-build-user.sh";
        await using var machine = await BootAsync();
        machine.Configure();
        await machine.DoAsync($"{Package.Make(machine.System, machine.Folder)}/install.sh", "--no-start");
        var before = machine.Snapshot();

        Assert.Contains("useradd", await machine.DoAsync(create, "--dry-run"), StringComparison.Ordinal);
        Assert.Equal(before, machine.Snapshot());

        var name = Regex.Match(await machine.DoAsync(create), "bk-[0-9a-f-]+").Value;
        Assert.Contains(name, await machine.DoAsync("/usr/bin/id", name), StringComparison.Ordinal);
        _ = await machine.DoAsync(cleanup, name, "--dry-run");
        _ = await machine.DoAsync("/usr/bin/id", name);
        _ = await machine.DoAsync(cleanup, name);
        Assert.NotEqual(0, (await machine.RunAsync("/usr/bin/id", name)).Code);
    }
}

/// <summary>Under the emulated launchd.</summary>
[Trait("platform", "macos")]
public class InstallationOnMacOS() : InstallationScenarios("macos")
{
    [Fact]
    public async Task The_agent_s_log_is_where_people_look_for_it_job_after_job()
    {
        const string log = "/usr/local/var/log/buildkite-agent/buildkite-agent.log";
        await using var machine = await BootAsync();
        machine.Configure();
        await machine.DoAsync($"{Package.Make(machine.System, machine.Folder)}/install.sh");

        for (var n = 0; n < 2; n++)
        {
            var job = machine.Queue();
            await job.CountsAsync();
            await machine.UntilAsync(
                () => Task.FromResult(File.ResolveLinkTarget(machine.PathOf(log), returnFinalTarget: true)?.Name == $"{job.Id}.agent.log" && File.ReadAllText(machine.PathOf(log)).Length > 0),
                $"{log} is that of job {job.Id}");
            await job.PassesAsync();
        }
    }

    [Fact]
    public async Task A_job_that_tries_to_listen_on_the_port_never_answers_in_the_daemons_place_over_fifty_crashes()
    {
        const int restarts = 50;
        await using var machine = await BootAsync();
        machine.Configure();
        await machine.DoAsync($"{Package.Make(machine.System, machine.Folder)}/install.sh");
        var gate = machine.PathOf("/opt/gate");
        var intruder = machine.Buildkite.Server.Cluster.AddJob(new JobSpec { Command = PortIntruder.Script(machine.Port, gate) });
        await machine.UntilAsync(() => Task.FromResult(Worker.Printed(machine.View(intruder)).Contains(PortIntruder.Begun)), "the job tries");

        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{machine.Port}") };
        for (var restart = 0; restart < restarts; restart++)
        {
            var pid = await RunsAsync(machine, Package.Version);
            await machine.DoAsync("/bin/kill", "-KILL", $"{pid}");
            await machine.UntilAsync(() => Task.FromResult(!Directory.Exists($"/proc/{pid}")), "the daemon is dead");

            // Held by launchd: it waits for the next run instead of being refused, or answered by somebody else.
            Assert.Contains("alive", await client.GetStringAsync(new Uri("health/live", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        File.WriteAllText(gate, "");
        await machine.UntilAsync(() => Task.FromResult(machine.View(intruder).State == "finished"), "the job has ended");
        PortIntruder.NeverListened(machine.View(intruder), restarts);
    }

    [Fact]
    public async Task The_scripts_of_the_package_install_on_a_volume_that_is_no_running_system()
    {
        await using var machine = await BootAsync();
        var (scripts, incoming) = (Path.Combine(Package.Scripts, "macos", "scripts"), machine.PathOf("/opt/macrunners/incoming"));
        string[] arguments = ["macrunners.pkg", "/", machine.Files];

        // What an interrupted installation left is removed, a link is not followed.
        _ = Directory.CreateDirectory(Path.Combine(incoming, "old"));
        await machine.DoAsync($"{scripts}/preinstall", arguments);
        Assert.False(Path.Exists(incoming));
        _ = File.CreateSymbolicLink(incoming, "/tmp");
        Assert.Equal(1, (await machine.RunAsync($"{scripts}/preinstall", arguments)).Code);
        File.Delete(incoming);

        await machine.DoAsync("/bin/cp", "-R", Package.Make(machine.System, machine.Folder), incoming);
        await machine.DoAsync($"{scripts}/postinstall", arguments);

        Assert.True(File.Exists(machine.PathOf("/opt/macrunners/bin/macrunners")));
        Assert.True(File.Exists(machine.PathOf("/Library/LaunchDaemons/com.macrunners.daemon.plist")));
        Assert.False(Path.Exists(incoming));
        Assert.Equal(113, (await machine.RunAsync(machine.Own("/bin/launchctl"), "print", "system/com.macrunners.daemon")).Code);
        await machine.DoAsync(machine.Own("/opt/macrunners/uninstall.sh"), "--purge");
    }
}
