using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using MacRunners.Fleet.Commands;
using MacRunners.Fleet.Pipeline;
using MacRunners.Fleet.Tests.Workflows;
using MacRunners.Simulator.Discord;
using MacRunners.Simulator.Orka;
using Microsoft.Extensions.Time.Testing;

namespace MacRunners.Fleet.Tests.Commands;

/// <summary>The verbs against a simulated Orka.</summary>
public sealed class ImageVerbsTests
{
    private const string Image = "bun-macos-15-20261124-0200-ab12cd3";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Flake_tests_three_fresh_vms_probe_by_probe_and_deletes_them()
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.State.AddImage(Image);

        var ended = await cluster.RunAsync(["flake", Image, "--json", .. cluster.Quick]);

        Assert.True(ended.Code == ExitCodes.Success, ended.Error);
        var iterations = JsonDocument.Parse(ended.Output).RootElement.GetProperty("iterations");
        Assert.Equal(3, iterations.GetArrayLength());
        Assert.All(iterations.EnumerateArray(), iteration => Assert.Equal(9, iteration.GetProperty("probes").GetArrayLength()));
        Assert.Equal(3, cluster.State.Deployed.Distinct().Count());
        Assert.Empty(cluster.Vms);
    }

    [Theory]
    [InlineData(3, 1, ExitCodes.No, "2 of 3 VMs passed; 80 % of 3 means 3 of 3")]
    [InlineData(5, 1, ExitCodes.Success, "4 of 5 VMs passed; 80 % of 5 means 4 of 5")]
    [InlineData(5, 2, ExitCodes.No, "3 of 5 VMs passed; 80 % of 5 means 4 of 5")]
    public async Task Flake_needs_four_of_five(int iterations, int failing, int code, string verdict)
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.State.AddImage(Image);
        cluster.State.Plan(new BootPlan(Image, BootKind.Normal, ["bun"], failing));

        var ended = await cluster.RunAsync(["flake", Image, "--iterations", $"{iterations}", .. cluster.Quick]);

        Assert.Equal(code, ended.Code);
        Assert.Contains(verdict, ended.Output, StringComparison.Ordinal);
        Assert.Contains("FAILED  bun", ended.Output, StringComparison.Ordinal);
        Assert.Contains("expected 1.2.17, found 1.2.16", ended.Output, StringComparison.Ordinal);
        Assert.Empty(cluster.Vms);
    }

    [Theory]
    [InlineData("bun", ExitCodes.No, false)]
    [InlineData(null, ExitCodes.Success, true)]
    public async Task Verify_ends_with_the_verdict_and_reports_each_probe(string? failing, int code, bool passed)
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.State.AddImage(Image);
        cluster.State.Plan(new BootPlan(Image, BootKind.Normal, failing is null ? [] : [failing], null));

        var ended = await cluster.RunAsync(["verify", Image, "--json", "--report", cluster.Path("report"), "--record", cluster.Path("run"), .. cluster.Quick]);

        Assert.True(ended.Code == code, ended.Error);
        Assert.Equal(ended.Output, await File.ReadAllTextAsync(cluster.Path("report"), Cancellation));
        var report = JsonDocument.Parse(ended.Output).RootElement;
        Assert.Equal((Image, 100, passed), (report.GetProperty("image").GetString(), report.GetProperty("threshold").GetInt32(), report.GetProperty("passed").GetBoolean()));
        var probes = report.GetProperty("iterations").EnumerateArray().Single().GetProperty("probes").EnumerateArray().ToList();
        Assert.Equal(9, probes.Count);
        Assert.Equal(failing is null ? [] : [failing], probes.Where(probe => !probe.GetProperty("passed").GetBoolean()).Select(probe => probe.GetProperty("name").GetString()!));
        var step = new RunRecord(cluster.Path("run")).Read().Single();
        Assert.Equal(("verify", passed ? StepOutcome.Passed : StepOutcome.Failed, Image), (step.Step, step.Outcome, step.Image));
        Assert.Equal(!passed, step.Detail.Contains("bun (expected 1.2.17, found 1.2.16)", StringComparison.Ordinal));
        Assert.Empty(cluster.Vms);
    }

    [Theory]
    [InlineData("never", "did not run within 2 s")]
    [InlineData("failed", "stopped during boot")]
    [InlineData("no-network", "does not answer within 1 s")]
    [InlineData("hangs", "did not end within 1 s")]
    public async Task Verify_says_how_far_a_vm_came_and_deletes_it(string kind, string fault)
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.State.AddImage(Image);
        var boot = kind switch { "never" => BootKind.Never, "failed" => BootKind.Failed, "no-network" => BootKind.NoNetwork, _ => BootKind.Hangs };
        cluster.State.Plan(new BootPlan(Image, boot, [], null));

        var ended = await cluster.RunAsync(["verify", Image, "--verify-limit", "1s", "--record", cluster.Path("run"), .. cluster.Quick]);

        Assert.Equal(ExitCodes.No, ended.Code);
        Assert.Contains(fault, ended.Output, StringComparison.Ordinal);
        Assert.Contains(fault, new RunRecord(cluster.Path("run")).Read().Single().Detail, StringComparison.Ordinal);
        Assert.Single(cluster.State.Deployed);
        Assert.Empty(cluster.Vms);
    }

    [Fact]
    public async Task An_orka_that_fails_in_the_middle_is_not_the_images_fault_and_leaves_no_vm()
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.State.AddImage(Image);
        cluster.Server.Faults.Add(new() { Route = "/apis/*/v1/namespaces/*/virtualmachineinstances", Method = "POST", Status = 401, ArmedBy = "/apis/*/v1/namespaces/*/virtualmachineinstances/*" });

        var ended = await cluster.RunAsync(["flake", Image, .. cluster.Quick]);

        Assert.Equal(ExitCodes.Denied, ended.Code);
        Assert.Contains("iteration 1 of 3", ended.Error, StringComparison.Ordinal);
        Assert.Empty(cluster.Vms);
    }

    [Fact]
    public async Task A_vm_that_cannot_be_deleted_is_named()
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.State.AddImage(Image);
        cluster.Server.Faults.Add(new() { Route = "/apis/*/v1/namespaces/*/virtualmachineinstances/*", Method = "DELETE", Status = 403 });

        var ended = await cluster.RunAsync(["verify", Image, .. cluster.Quick]);

        Assert.Contains($"orka3 vm delete {cluster.Vms.Single()}", ended.Error, StringComparison.Ordinal);
        Assert.Contains("left behind: " + cluster.Vms.Single(), ended.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TERM", "pending")]
    [InlineData("TERM", "verifying")]
    [InlineData("INT", "verifying")]
    public async Task A_signal_ends_a_test_and_its_vm(string signal, string moment)
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.State.AddImage(Image);
        cluster.State.Plan(new BootPlan(Image, moment == "pending" ? BootKind.Never : BootKind.Hangs, [], null));
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "macrunners-fleet"), ["image", "flake", Image, "--allow-http", "--ssh", cluster.Programs.Ssh])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["ORKA_ENDPOINT"] = cluster.Address.AbsoluteUri, ["ORKA_AUTH_TOKEN"] = Cluster.Token },
        };
        using var process = Process.Start(start)!;
        try
        {
            while (moment == "pending" ? cluster.Vms.Count == 0 : cluster.State.SshSessions == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
            }

            using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await process.WaitForExitAsync(Cancellation);

            Assert.Equal(ExitCodes.Interrupted, process.ExitCode);
            Assert.Single(cluster.State.Deployed);
            Assert.Empty(cluster.Vms);
            Assert.DoesNotContain(Cluster.Token, await process.StandardError.ReadToEndAsync(Cancellation) + await process.StandardOutput.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>The builder's VM never runs, or runs and takes no connection: in the record, and in the message.</summary>
    [Theory]
    [InlineData("never", "VM did not run in time")]
    [InlineData("no-network", "Timeout waiting for SSH.")]
    public async Task A_builder_that_does_not_come_up_is_in_record_and_message(string kind, string reason)
    {
        await using var cluster = await Cluster.StartAsync();
        await using var discord = await DiscordServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), Cancellation);
        using var repository = new GitRepository();
        repository.Commit("README.md");
        cluster.State.Plan(new BootPlan("base.img", kind == "never" ? BootKind.Never : BootKind.NoNetwork, [], null));
        var packer = cluster.Path("packer");
        await File.WriteAllTextAsync(
            packer,
            $$"""
            #!/bin/bash
            [ "$1" = build ] || exit 0
            [[ "$*" =~ builder_name=([^ ]+) ]]
            echo '==> macstadium-orka.image: Deploying the VM'
            vm=$(timeout 2 {{cluster.Programs.Orka3}} vm deploy "${BASH_REMATCH[1]}" --image base.img --cpu 3 -o json) || { echo 'Build failed: VM did not run in time'; exit 1; }
            [[ $vm =~ \"ip\":\"([^\"]+)\",\"ssh\":([0-9]+) ]]
            {{cluster.Programs.Ssh}} -p "${BASH_REMATCH[2]}" "admin@${BASH_REMATCH[1]}" true || { echo 'Build failed: Timeout waiting for SSH.'; exit 1; }

            """,
            Cancellation);
        File.SetUnixFileMode(packer, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var ended = await cluster.RunAsync(["build", "--allow-http", "--packer", packer, "--repository", repository.Folder, "--package", packer, "--record", cluster.Path("run")]);
        await cluster.RunAsync(["notify", "--record", cluster.Path("run"), "--discord-test-host", discord.Address.Authority], discord);

        Assert.Equal(ExitCodes.Failure, ended.Code);
        var record = new RunRecord(cluster.Path("run"));
        var step = record.Read().Single();
        Assert.Equal(("build", StepOutcome.Failed), (step.Step, step.Outcome));
        Assert.Matches($@"{Regex.Escape(reason)}.*\. Log: /[^ ]*/packer-bun-macos-15-[^ ]*\.log\. Builder VM: {record.Vms.Single().Name}, deleted", step.Detail);
        Assert.InRange(step.Seconds, 0.1, 30);
        var embed = discord.Messages.Single()["embeds"]![0]!;
        Assert.Equal("macOS 15: failed at build", (string)embed["title"]!);
        Assert.Contains(record.Vms.Single().Name, (string)embed["fields"]![0]!["value"]!, StringComparison.Ordinal);
        Assert.Contains(reason, (string)embed["fields"]![0]!["value"]!, StringComparison.Ordinal);
        Assert.Empty(cluster.Vms);
    }

    [Fact]
    public async Task How_long_each_phase_took_is_in_report_record_and_message()
    {
        await using var cluster = await Cluster.StartAsync(options => options with { DeployDelay = TimeSpan.FromMilliseconds(400) });
        await using var discord = await DiscordServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), Cancellation);
        cluster.State.AddImage(Image);

        await cluster.RunAsync(["flake", Image, "--report", cluster.Path("report"), "--record", cluster.Path("run"), .. cluster.Quick]);
        await cluster.RunAsync(["notify", "--record", cluster.Path("run"), "--discord-test-host", discord.Address.Authority], discord);

        var iterations = JsonDocument.Parse(await File.ReadAllTextAsync(cluster.Path("report"), Cancellation)).RootElement.GetProperty("iterations").EnumerateArray().ToList();
        double Most(string phase) => iterations.Max(iteration => iteration.GetProperty(phase).GetDouble());
        Assert.All(iterations, iteration => Assert.InRange(iteration.GetProperty("bootSeconds").GetDouble(), 0.4, 30));
        Assert.All(iterations, iteration => Assert.InRange(iteration.GetProperty("verifySeconds").GetDouble(), 0.1, 30));
        Assert.All(iterations.SelectMany(iteration => iteration.GetProperty("probes").EnumerateArray()), probe => Assert.Equal(JsonValueKind.Number, probe.GetProperty("seconds").ValueKind));
        var step = new RunRecord(cluster.Path("run")).Read().Single();
        var phases = string.Create(CultureInfo.InvariantCulture, $"boot up to {Most("bootSeconds"):0.0} s, verification up to {Most("verifySeconds"):0.0} s");
        Assert.Equal($"3 of 3 VMs passed, 3 had to; {phases}", step.Detail);
        Assert.True(step.Seconds >= 3 * 0.4, $"{step.Seconds} s");
        var field = discord.Messages.Single()["embeds"]![0]!["fields"]![0]!;
        Assert.EndsWith(string.Create(CultureInfo.InvariantCulture, $" flake ({step.Seconds:0.#} s)"), (string)field["name"]!, StringComparison.Ordinal);
        Assert.Equal(step.Detail, (string)field["value"]!);
    }

    /// <summary>As GitHub cancels a step: it signals the shell that it has started, and nothing else.</summary>
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_step_of_the_workflow_that_is_cancelled_deletes_its_vm(string signal)
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.State.AddImage(Image);
        cluster.State.Plan(new BootPlan(Image, BootKind.Hangs, [], null));
        using var folder = new GitRepository();
        Directory.CreateDirectory(Path.Combine(folder.Folder, "artifacts"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Folder, "artifacts", "linux-x64"), AppContext.BaseDirectory);
        var record = Path.Combine(folder.Folder, "run");
        new RunRecord(record).Add(new StepResult("build", StepOutcome.Passed, 1, "", Image));
        var script = Path.Combine(folder.Folder, "step.sh");
        var step = Workflow.Of("image-rebuild.yml").Scripts.Single(text => text.Contains(" image flake ", StringComparison.Ordinal));
        await File.WriteAllTextAsync(script, $"{step.TrimEnd()} --allow-http --ssh {cluster.Programs.Ssh}\n", Cancellation);
        using var shell = Process.Start(new ProcessStartInfo("bash", ["--noprofile", "--norc", "-e", "-o", "pipefail", script])
        {
            WorkingDirectory = folder.Folder,
            Environment = { ["ORKA_ENDPOINT"] = cluster.Address.AbsoluteUri, ["ORKA_AUTH_TOKEN"] = Cluster.Token, ["RECORD"] = record, ["SSH_KEY"] = record, ["ITERATIONS"] = "3" },
        })!;
        try
        {
            while (cluster.State.SshSessions == 0)
            {
                Assert.False(shell.HasExited);
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
            }

            var vm = cluster.Vms.Single();
            using var kill = Process.Start("kill", [$"-{signal}", shell.Id.ToString(CultureInfo.InvariantCulture)]);
            await shell.WaitForExitAsync(Cancellation);

            Assert.Equal(ExitCodes.Interrupted, shell.ExitCode);
            Assert.Empty(cluster.Vms);
            Assert.Equal([new RecordedVm(vm, "orka-default")], new RunRecord(record).Vms);
            Assert.Equal("interrupted", new RunRecord(record).Read()[^1].Detail);
        }
        finally
        {
            if (!shell.HasExited)
            {
                shell.Kill(entireProcessTree: true);
            }
        }
    }

    [Fact]
    public async Task Sweep_deletes_what_a_killed_step_has_left_and_nothing_else()
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.State.AddImage(Image);
        cluster.State.Plan(new BootPlan(Image, BootKind.Hangs, [], null));
        cluster.State.CreateVm("orka-default", "flake-20261124-020000-abcdef-1", new() { ["image"] = Image }, vmConfig: null);
        var record = cluster.Path("run");
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "macrunners-fleet"), ["image", "verify", Image, "--record", record, "--allow-http", "--ssh", cluster.Programs.Ssh])
        {
            Environment = { ["ORKA_ENDPOINT"] = cluster.Address.AbsoluteUri, ["ORKA_AUTH_TOKEN"] = Cluster.Token },
        };
        using var step = Process.Start(start)!;
        while (cluster.State.SshSessions == 0)
        {
            Assert.False(step.HasExited);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }

        step.Kill(entireProcessTree: true);
        await step.WaitForExitAsync(Cancellation);
        var vm = Assert.Single(new RunRecord(record).Vms).Name;
        Assert.Equal(2, cluster.Vms.Count);

        cluster.Server.Faults.Add(new() { Route = "/apis/*/v1/namespaces/*/virtualmachineinstances/*", Method = "DELETE", Status = 403, Count = 1 });
        var refused = await cluster.RunAsync(["sweep", "--record", record, "--allow-http"]);
        Assert.Equal(ExitCodes.Denied, refused.Code);
        Assert.Contains($"orka3 vm delete {vm} -n orka-default", refused.Error, StringComparison.Ordinal);
        Assert.Contains(vm, new RunRecord(record).Read().Single(result => result.Step == "sweep").Detail, StringComparison.Ordinal);

        var swept = await cluster.RunAsync(["sweep", "--record", record, "--allow-http"]);
        Assert.Equal((ExitCodes.Success, $"deleted {vm}\n1 of 1 VMs of this run were still there.\n"), (swept.Code, swept.Output));
        Assert.Equal(["flake-20261124-020000-abcdef-1"], cluster.Vms);
        Assert.Contains("0 of 1", (await cluster.RunAsync(["sweep", "--record", record, "--allow-http"])).Output, StringComparison.Ordinal);
        Assert.Contains("no VM", (await cluster.RunAsync(["sweep", "--record", cluster.Path("none"), "--allow-http"])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sweep_looks_where_each_step_has_ordered_its_vm()
    {
        await using var cluster = await Cluster.StartAsync();
        using var repository = new GitRepository();
        repository.Commit("README.md");
        cluster.State.AddImage(Image);
        var record = cluster.Path("run");

        // The namespace of the builder stands in the operator's variables only.
        var packer = await PackerThatLeavesItsVmAsync(cluster, "exit 0");
        string[] build = ["build", "--allow-http", "--packer", packer, "--repository", repository.Folder, "--package", packer, "--record", record];
        Assert.Equal(ExitCodes.Success, (await cluster.RunAsync([.. build, "--var-file", await VariablesAsync(cluster, "namespace = \"orka-b\"")])).Code);
        cluster.Server.Faults.Add(new() { Route = "/apis/*/v1/namespaces/orka-c/virtualmachineinstances/*", Method = "DELETE", Status = 403, Count = 1 });
        await cluster.RunAsync(["verify", Image, "--namespace", "orka-c", "--record", record, .. cluster.Quick]);
        Assert.Equal(2, cluster.Vms.Count);

        var refused = await cluster.RunAsync(["sweep", "--record", record, "--allow-http", "--namespace", "orka-c"]);
        Assert.Equal(ExitCodes.Configuration, refused.Code);
        Assert.Contains($"--namespace orka-c, but {record} names VM {new RunRecord(record).Vms[0].Name} of orka-b", refused.Error, StringComparison.Ordinal);

        var swept = await cluster.RunAsync(["sweep", "--record", record, "--allow-http"]);
        Assert.True(swept.Code == ExitCodes.Success, swept.Error);
        Assert.Contains("2 of 2 VMs", swept.Output, StringComparison.Ordinal);
        Assert.Empty(cluster.Vms);
    }

    [Fact]
    public async Task Builds_within_a_minute_have_names_of_their_own()
    {
        await using var cluster = await Cluster.StartAsync();
        using var repository = new GitRepository();
        repository.Commit("README.md");
        var packer = await PackerThatLeavesItsVmAsync(cluster, "exit 0");
        string[] build = ["build", "--allow-http", "--packer", packer, "--repository", repository.Folder, "--package", packer];
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 2, 0, 0, TimeSpan.Zero));

        var first = await cluster.RunAsync(build, time: time);
        time.Advance(TimeSpan.FromSeconds(1));
        var second = await cluster.RunAsync(build, time: time);

        Assert.StartsWith("bun-macos-15-20261124-020000-", first.Output, StringComparison.Ordinal);
        Assert.StartsWith("bun-macos-15-20261124-020001-", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetching_plugins_and_building_have_one_limit_together()
    {
        await using var cluster = await Cluster.StartAsync();
        using var repository = new GitRepository();
        repository.Commit("README.md");
        var packer = cluster.Path("packer");
        await File.WriteAllTextAsync(packer, "#!/bin/bash\nsleep 1.5\n", Cancellation);
        File.SetUnixFileMode(packer, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var ended = await cluster.RunAsync(["build", "--macos", "15", "--allow-http", "--packer", packer, "--repository", repository.Folder, "--package", packer, "--limit", "2s"]);

        Assert.Equal(ExitCodes.Failure, ended.Code);
        Assert.Contains("packer init and build did not end within 2 s", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promote_makes_a_template_and_repeats_without_harm()
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.State.AddImage(Image);

        Assert.Equal(ExitCodes.Success, (await cluster.RunAsync(["promote", Image, "--allow-http"])).Code);
        Assert.Equal(ExitCodes.Success, (await cluster.RunAsync(["promote", Image, "--allow-http"])).Code);

        Assert.Equal([Image], cluster.Templates);
        var spec = cluster.State.Store.List(OrkaPlural.VmConfigs).Single()["spec"]!;
        Assert.Equal((Image, 12, 32), ((string)spec["image"]!, (int)spec["cpu"]!, (int)spec["memory"]!));
    }

    [Fact]
    public async Task Two_pipelines_at_once_promote_both_and_the_newer_one_counts()
    {
        const string Newer = "bun-macos-15-20261124-0201-ab12cd3";
        await using var cluster = await Cluster.StartAsync();
        cluster.State.AddImage(Image);
        cluster.State.AddImage(Newer);

        var ended = await Task.WhenAll(cluster.RunAsync(["promote", Newer, "--allow-http"]), cluster.RunAsync(["promote", Image, "--allow-http"]));

        Assert.All(ended, one => Assert.Equal(ExitCodes.Success, one.Code));
        Assert.Equal([Image, Newer], cluster.Templates);
        Assert.Contains("a newer image of macOS 15", (await cluster.RunAsync(["promote", Image, "--allow-http"])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_tests_at_once_have_vms_of_their_own_and_delete_no_others()
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.State.AddImage(Image);

        var ended = await Task.WhenAll(cluster.RunAsync(["flake", Image, .. cluster.Quick]), cluster.RunAsync(["flake", Image, .. cluster.Quick]));

        Assert.All(ended, one => Assert.True(one.Code == ExitCodes.Success, one.Output + one.Error));
        Assert.Equal(6, cluster.State.Deployed.Distinct().Count());
        Assert.Empty(cluster.Vms);
    }

    [Theory]
    [InlineData("bun-macos-15-20261124-0200-ab12cd4", ExitCodes.Failure, "does not exist")]
    [InlineData("base.img", ExitCodes.Configuration, "is not a name like")]
    public async Task Promote_refuses_what_is_not_there_or_not_ours(string image, int code, string reason)
    {
        await using var cluster = await Cluster.StartAsync();

        var ended = await cluster.RunAsync(["promote", image, "--allow-http"]);

        Assert.Equal(code, ended.Code);
        Assert.Contains(reason, ended.Error, StringComparison.Ordinal);
        Assert.Empty(cluster.Templates);
    }

    [Theory]
    [InlineData("kubernetes")]
    [InlineData("orka3")]
    public async Task Prune_only_says_so_unless_it_is_told_to_delete(string driver)
    {
        string[] promoted = [.. Enumerable.Range(1, 5).Select(day => $"bun-macos-15-2026110{day}-0200-ab12cd3")];
        await using var cluster = await Cluster.StartAsync();
        foreach (var image in promoted)
        {
            await cluster.PromoteAsync(image);
        }

        string[] flags = ["prune", "--allow-http", "--driver", driver, "--orka3", cluster.Programs.Orka3];
        var said = await cluster.RunAsync(flags);
        Assert.Contains($"delete  image     {promoted[0]}", said.Output, StringComparison.Ordinal);
        Assert.Contains("Nothing was deleted", said.Output, StringComparison.Ordinal);
        Assert.Equal(6, cluster.Images.Count);

        Assert.Equal(ExitCodes.Success, (await cluster.RunAsync([.. flags, "--delete"])).Code);
        Assert.Equal(["base.img", .. promoted[2..]], cluster.Images);
        Assert.Equal(promoted[2..], cluster.Templates);
    }

    [Fact]
    public async Task Prune_keeps_what_a_vm_of_another_namespace_uses()
    {
        string[] promoted = [.. Enumerable.Range(1, 4).Select(day => $"bun-macos-15-2026110{day}-0200-ab12cd3")];
        await using var cluster = await Cluster.StartAsync();
        foreach (var image in promoted)
        {
            await cluster.PromoteAsync(image);
        }

        cluster.State.CreateVm("orka-prod", "job", new() { ["image"] = promoted[0] }, vmConfig: null);

        await cluster.RunAsync(["prune", "--allow-http", "--delete", "--also-namespace", "orka-prod"]);
        Assert.Contains(promoted[0], cluster.Images);
    }

    [Fact]
    public async Task Cache_asks_for_the_image_on_all_nodes()
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.State.AddImage(Image);

        Assert.Equal(ExitCodes.Success, (await cluster.RunAsync(["cache", Image, "--orka3", cluster.Programs.Orka3])).Code);

        Assert.All(cluster.State.Store.List(OrkaPlural.Nodes), node => Assert.Equal(Image, (string?)node["status"]!["images"]![0]!["name"]));
    }

    [Fact]
    public async Task Due_decides_for_each_macos_and_tells_the_workflow()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.PromoteAsync(Image);
        await File.WriteAllTextAsync(cluster.Path("output"), "", Cancellation);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
        string[] flags = ["due", "--allow-http", "--manifest", cluster.Path("manifest.json"), "--repository", cluster.Path("."), "--github-output"];

        // The commit is in no repository, so everything is due.
        var ended = await cluster.RunAsync(flags, time: time, output: cluster.Path("output"));
        Assert.True(ended.Code == ExitCodes.Success, ended.Error);
        Assert.Equal("matrix=[14,15]\nany=true\n", await File.ReadAllTextAsync(cluster.Path("output"), Cancellation));
        Assert.Contains("not in this clone", ended.Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(cluster.Path("output"), "", Cancellation);
        Assert.Equal("macOS 14: due: forced\n", (await cluster.RunAsync([.. flags, "--force", "--macos", "14"], time: time, output: cluster.Path("output"))).Output);
        Assert.Equal("matrix=[14]\nany=true\n", await File.ReadAllTextAsync(cluster.Path("output"), Cancellation));
    }

    [Fact]
    public async Task The_matrix_has_the_versions_that_were_asked_for_and_are_due()
    {
        await using var cluster = await Cluster.StartAsync();
        using var repository = new GitRepository();
        await cluster.PromoteAsync($"bun-macos-15-20261124-0200-{repository.Commit("README.md")[..7]}");
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
        async Task<string> MatrixAsync(params string[] further)
        {
            await File.WriteAllTextAsync(cluster.Path("output"), "", Cancellation);
            var ended = await cluster.RunAsync(["due", "--allow-http", "--manifest", cluster.Path("manifest.json"), "--repository", repository.Folder, "--github-output", .. further], time: time, output: cluster.Path("output"));
            Assert.True(ended.Code == ExitCodes.Success, ended.Error);
            return await File.ReadAllTextAsync(cluster.Path("output"), Cancellation);
        }

        Assert.Equal("matrix=[14]\nany=true\n", await MatrixAsync());
        Assert.Equal("matrix=[14]\nany=true\n", await MatrixAsync("--macos", "14"));
        Assert.Equal("matrix=[]\nany=false\n", await MatrixAsync("--macos", "15"));
        Assert.Equal("matrix=[14,15]\nany=true\n", await MatrixAsync("--macos", "", "--force", "true"));
    }

    [Theory]
    [InlineData(35.9, ExitCodes.Success, "macOS 15: fresh: the last promoted image is 35.9 h old, at most 36 h\n", 0)]
    [InlineData(36, ExitCodes.No, "macOS 15: TOO OLD: the last promoted image is 36 h old, at most 36 h\n", 1)]
    [InlineData(-1, ExitCodes.No, "macOS 15: TOO OLD: built 60 min in the future: the clock here or where it was built is wrong, so its age is unknown\n", 1)]
    public async Task A_night_that_was_missed_is_told(double hours, int code, string output, int messages)
    {
        await using var cluster = await Cluster.StartAsync();
        await using var discord = await DiscordServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), Cancellation);
        await cluster.PromoteAsync("bun-macos-15-20261120-0200-ab12cd3");
        await cluster.PromoteAsync(Image);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 2, 0, 0, TimeSpan.Zero) + TimeSpan.FromHours(hours));

        var ended = await cluster.RunAsync(["age", "--macos", "15", .. Watch(cluster, discord)], discord, time);

        Assert.Equal((code, output), (ended.Code, ended.Output));
        Assert.Equal(messages, discord.Messages.Count);
        Assert.All(discord.Messages, message => Assert.Equal(("macOS 15: too old", $"`{Image}`"), ((string)message["embeds"]![0]!["title"]!, (string)message["embeds"]![0]!["description"]!)));
    }

    [Fact]
    public async Task An_image_that_is_missing_or_not_to_be_found_out_is_told_as_one_that_is_too_old()
    {
        await using var cluster = await Cluster.StartAsync();
        await using var discord = await DiscordServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), Cancellation);

        var missing = await cluster.RunAsync(["age", "--max-age", "7d", .. Watch(cluster, discord)], discord);
        Assert.Equal((ExitCodes.No, "macOS 14: TOO OLD: no image is promoted\nmacOS 15: TOO OLD: no image is promoted\n"), (missing.Code, missing.Output));
        Assert.Equal(["macOS 14: too old", "macOS 15: too old"], discord.Messages.Select(message => (string)message["embeds"]![0]!["title"]!));

        cluster.Fault("/apis/*/v1/namespaces/*/virtualmachineconfigs", 401);
        Assert.Equal(ExitCodes.Denied, (await cluster.RunAsync(["age", .. Watch(cluster, discord)], discord)).Code);
        Assert.Equal("All images: age unknown", (string)discord.Messages[^1]["embeds"]![0]!["title"]!);
    }

    [Fact]
    public async Task Due_follows_the_repository_and_tells_people_what_is_skipped()
    {
        await using var cluster = await Cluster.StartAsync();
        await using var discord = await DiscordServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), Cancellation);
        using var repository = new GitRepository();
        var commit = repository.Commit("packaging/scripts/bootstrap-macos.sh");
        await cluster.PromoteAsync($"bun-macos-15-20261124-0200-{commit[..7]}");
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
        string[] flags = ["due", "--allow-http", "--macos", "15", "--manifest", cluster.Path("manifest.json"), "--repository", repository.Folder, "--notify", "--discord-test-host", discord.Address.Authority];

        repository.Commit("README.md");
        Assert.Contains("macOS 15: not due", (await cluster.RunAsync(flags, discord, time)).Output, StringComparison.Ordinal);
        Assert.Contains("skipped", (string)discord.Messages.Single()["embeds"]![0]!["title"]!, StringComparison.Ordinal);

        repository.Commit("packaging/scripts/bootstrap-macos.sh");
        Assert.Contains("changed since: packaging/scripts/bootstrap-macos.sh", (await cluster.RunAsync(flags, discord, time)).Output, StringComparison.Ordinal);
        Assert.Single(discord.Messages);
    }

    [Fact]
    public async Task A_due_that_cannot_be_found_out_sends_a_message_when_it_is_asked_to()
    {
        await using var cluster = await Cluster.StartAsync();
        await using var discord = await DiscordServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), Cancellation);
        cluster.Fault("/apis/*/v1/namespaces/*/virtualmachineconfigs", 401);
        string[] flags = ["due", "--allow-http", "--manifest", cluster.Path("manifest.json"), "--discord-test-host", discord.Address.Authority];

        Assert.Equal(ExitCodes.Denied, (await cluster.RunAsync(flags, discord)).Code);
        Assert.Empty(discord.Messages);

        Assert.Equal(ExitCodes.Denied, (await cluster.RunAsync([.. flags, "--notify"], discord)).Code);
        var embed = discord.Messages.Single()["embeds"]![0]!;
        Assert.Equal("All images: failed at due", (string)embed["title"]!);
        Assert.Contains("401", (string)embed["fields"]![0]!["value"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExitCodes.Configuration, "not in the manifest, which has 14, 15", "due", "--macos", "12,15")]
    [InlineData(ExitCodes.Configuration, "give numbers", "due", "--macos", "all")]
    [InlineData(ExitCodes.Configuration, "Which image?", "promote")]
    [InlineData(ExitCodes.Usage, "from 1 to 100", "flake", "x", "--threshold", "101")]
    [InlineData(ExitCodes.Usage, "from 1 to 100", "flake", "x", "--iterations", "0")]
    [InlineData(ExitCodes.Usage, "from 3", "prune", "--keep", "0")]
    [InlineData(ExitCodes.Usage, "--macos 12: give a number from 13 to 99", "build", "--package", "x", "--macos", "12")]
    [InlineData(ExitCodes.Usage, "for example 20h", "due", "--max-age", "soon")]
    [InlineData(ExitCodes.Usage, "Try --help", "explode")]
    public async Task Mistakes_are_explained(int code, string reason, params string[] arguments)
    {
        await using var cluster = await Cluster.StartAsync();

        var ended = await cluster.RunAsync([.. arguments, .. arguments[0] == "due" ? ["--manifest", cluster.Path("manifest.json")] : Array.Empty<string>()]);

        Assert.Equal(code, ended.Code);
        Assert.Contains(reason, ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"images":[],"software":[]}""")]
    [InlineData("""{"images":[{"macos":"x","codename":"x"}],"software":[]}""")]
    [InlineData("""{"images":[{"macos":"14","codename":"sonoma","kodename":"x"}],"software":[]}""")]
    public async Task A_wrong_manifest_is_named(string text)
    {
        await using var cluster = await Cluster.StartAsync();
        await File.WriteAllTextAsync(cluster.Path("manifest.json"), text, Cancellation);

        var ended = await cluster.RunAsync(["due", "--manifest", cluster.Path("manifest.json")]);

        Assert.Equal(ExitCodes.Configuration, ended.Code);
        Assert.Contains("manifest.json", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_encryption_or_token_nothing_is_sent()
    {
        await using var cluster = await Cluster.StartAsync();

        Assert.Contains("plain HTTP", (await cluster.RunAsync(["prune"])).Error, StringComparison.Ordinal);
        Assert.Contains("ORKA_AUTH_TOKEN is not set", (await cluster.RunAsync(["prune", "--allow-http"], token: "")).Error, StringComparison.Ordinal);
        Assert.Empty(cluster.Server.Requests.All());
    }

    [Fact]
    public async Task Help_names_the_exit_codes()
    {
        await using var cluster = await Cluster.StartAsync();

        var ended = await cluster.RunAsync(["flake", "--help"]);

        Assert.Equal(ExitCodes.Success, ended.Code);
        Assert.Contains("2 of 3 are 66.7 %", ended.Output, StringComparison.Ordinal);
        Assert.Contains("130  interrupted", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_runs_packer_with_the_token_in_its_environment_only_and_names_log_and_vm()
    {
        await using var cluster = await Cluster.StartAsync();
        using var repository = new GitRepository();
        var commit = repository.Commit("README.md");
        var packer = cluster.Path("packer");
        await File.WriteAllTextAsync(packer, $"#!/bin/sh\necho \"$*\" >>{packer}.arguments\nstat -c %a \"$PACKER_LOG_PATH\" >>{packer}.modes\necho \"Bearer $PKR_VAR_orka_auth_token, $PKR_VAR_storage_credentials\" >>\"$PACKER_LOG_PATH\"\ntest \"$PKR_VAR_orka_auth_token\" = {Cluster.Token} || exit 9\n[ \"$1\" != build ] || [ ! -e {packer}.fails ] || {{ echo 'disk full' $PKR_VAR_orka_auth_token >&2; exit 1; }}\n", Cancellation);
        File.SetUnixFileMode(packer, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string[] flags = ["build", "--macos", "15", "--allow-http", "--packer", packer, "--repository", repository.Folder, "--record", cluster.Path("run"), "--package", packer, "--var-file", cluster.Path("manifest.json")];
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 2, 0, 0, TimeSpan.Zero));

        var ended = await cluster.RunAsync(flags, time: time, credentials: "XCODE=Authorization: Bearer canary-of-the-storage");

        var name = $"bun-macos-15-20261124-020000-{commit[..7]}";
        Assert.True(ended.Code == ExitCodes.Success, ended.Error);
        Assert.Equal(name, new RunRecord(cluster.Path("run")).Image);
        var arguments = await File.ReadAllTextAsync(packer + ".arguments", Cancellation);
        Assert.Contains("init packaging/packer\nbuild ", arguments, StringComparison.Ordinal);
        Assert.Contains($"-var image_name={name}", arguments, StringComparison.Ordinal);
        Assert.Matches(@"-var builder_name=build-20261124-020000-[0-9a-f]{6} -var namespace=orka-default ", arguments);

        // The log can be shown to everybody, and the one with secrets is nobody's but root's, then gone.
        var log = Path.GetFullPath($"packer-{name}.log");
        Assert.Equal("Bearer <redacted>, XCODE=<redacted>\n", await File.ReadAllTextAsync(log, Cancellation));
        Assert.Equal("600\n600\n", await File.ReadAllTextAsync(packer + ".modes", Cancellation));
        Assert.False(File.Exists(Path.ChangeExtension(log, ".raw")));
        Assert.DoesNotContain(Cluster.Token, arguments + await File.ReadAllTextAsync(cluster.Path("run"), Cancellation), StringComparison.Ordinal);

        await File.WriteAllTextAsync(packer + ".fails", "", Cancellation);
        Assert.Contains("There is no /nonexistent", (await cluster.RunAsync([.. flags, "--var-file", "/nonexistent"], time: time)).Error, StringComparison.Ordinal);
        var failed = await cluster.RunAsync(flags, time: time);
        Assert.Equal(ExitCodes.Failure, failed.Code);
        Assert.Contains("disk full", failed.Error, StringComparison.Ordinal);
        Assert.Contains($"packer-{name}.log", failed.Error, StringComparison.Ordinal);
        Assert.Matches(@"Builder VM: build-20261124-020000-[0-9a-f]{6}, deleted", failed.Error);
        Assert.DoesNotContain(Cluster.Token, failed.Error, StringComparison.Ordinal);
        Assert.Equal(StepOutcome.Failed, new RunRecord(cluster.Path("run")).Read()[^1].Outcome);
    }

    [Fact]
    public async Task A_build_that_takes_too_long_is_interrupted_so_that_packer_deletes_its_vm()
    {
        await using var cluster = await Cluster.StartAsync();
        using var repository = new GitRepository();
        repository.Commit("README.md");
        var packer = cluster.Path("packer");
        await File.WriteAllTextAsync(packer, $"#!/bin/bash\n[ \"$1\" = build ] || exit 0\ntrap 'echo deleted >{packer}.vm; exit 1' INT\nwhile :; do sleep 0.05; done\n", Cancellation);
        File.SetUnixFileMode(packer, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var ended = await cluster.RunAsync(["build", "--macos", "15", "--allow-http", "--packer", packer, "--repository", repository.Folder, "--record", cluster.Path("run"), "--package", packer, "--limit", "1s"]);

        Assert.Equal(ExitCodes.Failure, ended.Code);
        Assert.Contains("did not end within 1 s", ended.Error, StringComparison.Ordinal);
        Assert.Equal("deleted\n", await File.ReadAllTextAsync(packer + ".vm", Cancellation));
    }

    [Fact]
    public async Task A_builder_that_packer_left_is_deleted_or_named()
    {
        await using var cluster = await Cluster.StartAsync();
        using var repository = new GitRepository();
        repository.Commit("README.md");
        var packer = await PackerThatLeavesItsVmAsync(cluster, "exit 1");
        string[] flags = ["build", "--macos", "15", "--allow-http", "--packer", packer, "--repository", repository.Folder, "--package", packer];

        var failed = await cluster.RunAsync(flags);
        Assert.Equal(ExitCodes.Failure, failed.Code);
        Assert.Single(cluster.State.Deployed);
        Assert.Empty(cluster.Vms);

        cluster.Server.Faults.Add(new() { Route = "/apis/*/v1/namespaces/*/virtualmachineinstances/*", Method = "DELETE", Status = 403 });
        var named = await cluster.RunAsync(flags);
        Assert.Contains($"orka3 vm delete {cluster.Vms.Single()}", named.Error, StringComparison.Ordinal);

    }

    [Fact]
    public async Task A_build_that_is_interrupted_leaves_no_vm()
    {
        await using var cluster = await Cluster.StartAsync();
        using var repository = new GitRepository();
        repository.Commit("README.md");
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var packer = await PackerThatLeavesItsVmAsync(cluster, "while :; do sleep 0.05; done");

        var build = cluster.RunAsync(
            ["build", "--allow-http", "--packer", packer, "--repository", repository.Folder, "--package", packer, "--record", cluster.Path("run")], cancellation: interrupt.Token);
        while (cluster.Vms.Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }

        await interrupt.CancelAsync();

        Assert.Equal(ExitCodes.Interrupted, (await build).Code);
        Assert.Empty(cluster.Vms);
        Assert.Equal("interrupted", new RunRecord(cluster.Path("run")).Read().Single().Detail);
    }

    [Fact]
    public async Task No_limit_lets_prune_take_a_vm_that_is_in_use_for_left_behind()
    {
        await using var cluster = await Cluster.StartAsync();
        using var repository = new GitRepository();
        repository.Commit("README.md");

        // A build that began when the plugins had been fetched, and is not over.
        var packer = await PackerThatLeavesItsVmAsync(cluster, "exit 0");
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 2, 0, 0, TimeSpan.Zero));
        string[] flags = ["build", "--macos", "15", "--allow-http", "--packer", packer, "--repository", repository.Folder, "--package", packer, "--limit"];
        Assert.Equal(TimeSpan.FromMinutes(354), BuildCommand.LongestLimit);

        var refused = await cluster.RunAsync([.. flags, "355m"], time: time);
        Assert.Equal(ExitCodes.Configuration, refused.Code);
        Assert.Contains("--limit: at most 354m", refused.Error, StringComparison.Ordinal);
        Assert.Empty(cluster.State.Deployed);

        Assert.Equal(ExitCodes.Success, (await cluster.RunAsync([.. flags, "354m"], time: time)).Code);
        time.Advance(TimeSpan.FromHours(6));
        await cluster.RunAsync(["prune", "--allow-http", "--delete"], time: time);
        Assert.Single(cluster.Vms);
        time.Advance(TimeSpan.FromHours(6));
        await cluster.RunAsync(["prune", "--allow-http", "--delete"], time: time);
        Assert.Empty(cluster.Vms);

        var test = await cluster.RunAsync(["flake", Image, .. cluster.Quick, "--verify-limit", "6h"]);
        Assert.Equal(ExitCodes.Configuration, test.Code);
        Assert.Contains("together at most 359m", test.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", null, "orka-default")]
    [InlineData("", "orka-a", "orka-a")]
    [InlineData("namespace = \"orka-b\"", null, "orka-b")]
    [InlineData("source_image = \"x\"\n  namespace=\"orka-b\" # where builders are\n", null, "orka-b")]
    [InlineData("namespace = \"orka-b\"", "orka-b", "orka-b")]
    [InlineData("{ \"namespace\": \"orka-b\" }", null, "orka-b")]
    [InlineData("# namespace = \"orka-b\"\nnamespaces = \"orka-b\"", "orka-a", "orka-a")]
    public async Task A_build_is_where_the_operator_says_and_so_is_the_vm_that_it_leaves(string variables, string? flag, string expected)
    {
        await using var cluster = await Cluster.StartAsync();
        using var repository = new GitRepository();
        repository.Commit("README.md");
        var packer = await PackerThatLeavesItsVmAsync(cluster, "exit 1");
        string[] more = [.. flag is null ? Array.Empty<string>() : ["--namespace", flag]];

        var ended = await cluster.RunAsync(["build", "--allow-http", "--packer", packer, "--repository", repository.Folder, "--package", packer, "--var-file", await VariablesAsync(cluster, variables), .. more]);

        Assert.Equal(ExitCodes.Failure, ended.Code);
        Assert.Contains($"-var namespace={expected} ", await File.ReadAllTextAsync(packer + ".arguments", Cancellation), StringComparison.Ordinal);
        Assert.Single(cluster.State.Deployed);
        Assert.Empty(cluster.Vms);
    }

    [Theory]
    [InlineData("namespace = \"orka-b\"", "--namespace orka-a, but VARIABLES sets namespace to orka-b: take one of them out")]
    [InlineData("{ \"namespace\": \"orka-b\" }", "--namespace orka-a, but VARIABLES sets namespace to orka-b: take one of them out")]
    [InlineData("namespace = var.other", "VARIABLES sets namespace to something else than a plain text")]
    [InlineData("{ \"namespace\": 1 }", "VARIABLES sets namespace to something else than a plain text")]
    [InlineData("{ \"namespace\": ", "VARIABLES is no JSON")]
    public async Task A_namespace_that_is_given_twice_or_not_understood_is_refused(string variables, string reason)
    {
        await using var cluster = await Cluster.StartAsync();
        var packer = await PackerThatLeavesItsVmAsync(cluster, "exit 0");
        var file = await VariablesAsync(cluster, variables);

        var ended = await cluster.RunAsync(["build", "--allow-http", "--packer", packer, "--package", packer, "--var-file", file, "--namespace", "orka-a"]);

        Assert.Equal(ExitCodes.Configuration, ended.Code);
        Assert.Contains(reason.Replace("VARIABLES", file, StringComparison.Ordinal), ended.Error, StringComparison.Ordinal);
        Assert.Empty(cluster.State.Deployed);
    }

    /// <summary>Packer takes what a file says before what its environment says.</summary>
    [Theory]
    [InlineData("orka_endpoint = \"https://other.example\"", "--orka-endpoint https://orka.example/, but VARIABLES sets orka_endpoint to https://other.example: take one of them out", "--orka-endpoint", "https://orka.example")]
    [InlineData("{ \"orka_endpoint\": \"https://other.example\" }", "ORKA_ENDPOINT CLUSTER, but VARIABLES sets orka_endpoint to https://other.example: take one of them out")]
    [InlineData("orka_endpoint = \"other\"", "ORKA_ENDPOINT CLUSTER, but VARIABLES sets orka_endpoint to other: take one of them out")]
    [InlineData("orka_auth_token = \"canary-of-a-file\"", "VARIABLES sets orka_auth_token: take it out and set ORKA_AUTH_TOKEN, which is cut out of the log")]
    [InlineData("{ \"orka_auth_token\": \"canary-of-a-file\" }", "VARIABLES sets orka_auth_token: take it out and set ORKA_AUTH_TOKEN, which is cut out of the log")]
    [InlineData("storage_credentials = <<EOF\nXCODE=canary-of-a-file\nEOF\n", "VARIABLES sets storage_credentials: take it out and set STORAGE_CREDENTIALS, which is cut out of the log")]
    public async Task What_a_file_of_variables_would_override_is_refused(string variables, string reason, params string[] further)
    {
        await using var cluster = await Cluster.StartAsync();
        var packer = await PackerThatLeavesItsVmAsync(cluster, "exit 0");
        var file = await VariablesAsync(cluster, variables);

        var ended = await cluster.RunAsync(["build", "--allow-http", "--packer", packer, "--package", packer, "--var-file", file, .. further]);

        Assert.Equal(ExitCodes.Configuration, ended.Code);
        Assert.Contains(reason.Replace("VARIABLES", file, StringComparison.Ordinal).Replace("CLUSTER", cluster.Address.AbsoluteUri, StringComparison.Ordinal), ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-of-a-file", ended.Error, StringComparison.Ordinal);
        Assert.Empty(cluster.State.Deployed);
    }

    [Fact]
    public async Task The_same_address_in_a_file_of_variables_is_no_contradiction()
    {
        await using var cluster = await Cluster.StartAsync();
        using var repository = new GitRepository();
        repository.Commit("README.md");
        var packer = await PackerThatLeavesItsVmAsync(cluster, "exit 0");
        var file = await VariablesAsync(cluster, $"orka_endpoint = \"{cluster.Address.GetLeftPart(UriPartial.Authority)}\"\n");

        var ended = await cluster.RunAsync(["build", "--allow-http", "--packer", packer, "--repository", repository.Folder, "--package", packer, "--var-file", file]);

        Assert.True(ended.Code == ExitCodes.Success, ended.Error);
    }

    private static string[] Watch(Cluster cluster, DiscordServer discord) =>
        ["--allow-http", "--manifest", cluster.Path("manifest.json"), "--notify", "--discord-test-host", discord.Address.Authority];

    private static async Task<string> VariablesAsync(Cluster cluster, string text)
    {
        var file = cluster.Path(text.StartsWith('{') ? "variables.pkrvars.json" : "variables.pkrvars.hcl");
        await File.WriteAllTextAsync(file, text, Cancellation);
        return file;
    }

    // By the name and in the namespace that it was given.
    private static async Task<string> PackerThatLeavesItsVmAsync(Cluster cluster, string end)
    {
        var packer = cluster.Path("packer");
        await File.WriteAllTextAsync(
            packer,
            $$"""
            #!/bin/bash
            [ "$1" = build ] || exit 0
            trap 'exit 1' INT
            echo "$*" >>{{packer}}.arguments
            [[ "$*" =~ builder_name=([^ ]+)\ -var\ namespace=([^ ]+) ]]
            {{cluster.Programs.Orka3}} vm deploy "${BASH_REMATCH[1]}" --image base.img --cpu 3 -n "${BASH_REMATCH[2]}" -o json >&2
            {{end}}

            """,
            Cancellation);
        File.SetUnixFileMode(packer, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return packer;
    }
}
