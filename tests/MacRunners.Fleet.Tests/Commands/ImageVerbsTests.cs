using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
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
            Assert.Equal([vm], new RunRecord(record).Vms);
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
        var vm = Assert.Single(new RunRecord(record).Vms);
        Assert.Equal(2, cluster.Vms.Count);

        cluster.Server.Faults.Add(new() { Route = "/apis/*/v1/namespaces/*/virtualmachineinstances/*", Method = "DELETE", Status = 403, Count = 1 });
        var refused = await cluster.RunAsync(["sweep", "--record", record, "--allow-http"]);
        Assert.Equal(ExitCodes.Denied, refused.Code);
        Assert.Contains($"orka3 vm delete {vm}", refused.Error, StringComparison.Ordinal);
        Assert.Contains(vm, new RunRecord(record).Read().Single(result => result.Step == "sweep").Detail, StringComparison.Ordinal);

        var swept = await cluster.RunAsync(["sweep", "--record", record, "--allow-http"]);
        Assert.Equal((ExitCodes.Success, $"deleted {vm}\n1 of 1 VMs of this run were still there.\n"), (swept.Code, swept.Output));
        Assert.Equal(["flake-20261124-020000-abcdef-1"], cluster.Vms);
        Assert.Contains("0 of 1", (await cluster.RunAsync(["sweep", "--record", record, "--allow-http"])).Output, StringComparison.Ordinal);
        Assert.Contains("no VM", (await cluster.RunAsync(["sweep", "--record", cluster.Path("none"), "--allow-http"])).Output, StringComparison.Ordinal);
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

        Assert.Contains("macOS 14: due: forced", (await cluster.RunAsync([.. flags, "--force", "--macos", "14"], time: time, output: cluster.Path("output"))).Output, StringComparison.Ordinal);
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

        var name = $"bun-macos-15-20261124-0200-{commit[..7]}";
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
