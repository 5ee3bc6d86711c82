using System.Diagnostics;
using MacRunners.Fleet.Commands;
using MacRunners.Fleet.Processes;

namespace MacRunners.Fleet.Tests.Commands;

/// <summary>The whole chain as a process, with the simulators as processes.</summary>
public sealed class PipelineTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_image_is_built_verified_tested_promoted_cached_and_announced()
    {
        var ended = await RunAsync();

        Assert.True(ended.Code == ExitCodes.Success, ended.Output + ended.Error);
        string[] steps = [.. ended.Output.Split('\n').Where(line => line.StartsWith("-- ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1])];
        Assert.Equal([.. Steps, .. Steps], steps);
        Assert.EndsWith("== 2 of 2 images promoted; VMs left: 0; messages: 2\n", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_is_not_good_is_not_promoted_and_does_not_stop_the_other()
    {
        var ended = await RunAsync("--fail", "14:bun");

        Assert.Equal(ExitCodes.Failure, ended.Code);
        Assert.DoesNotMatch("bun-macos-14-[^ ]* is promoted", ended.Output);
        Assert.Matches("bun-macos-15-[^ ]* is promoted", ended.Output);
        Assert.EndsWith("== 1 of 2 images promoted, failed: 14; VMs left: 0; messages: 2\n", ended.Output, StringComparison.Ordinal);
    }

    /// <summary>In every form that encoders give them.</summary>
    [Fact]
    public async Task No_secret_is_in_anything_that_a_run_leaves_says_or_starts()
    {
        await using var cluster = await Cluster.StartAsync();
        var folder = Directory.CreateTempSubdirectory("fleet-artifacts-");
        try
        {
            var (temporary, artifacts) = (folder.CreateSubdirectory("tmp"), Path.Combine(folder.FullName, "artifacts"));
            var (started, given) = (Path.Combine(folder.FullName, "started"), Path.Combine(folder.FullName, "given"));
            var simulator = Path.Combine(folder.FullName, "macrunners-sim");
            await File.WriteAllTextAsync(
                simulator, $"#!/bin/bash\necho \"$0 $*\" >>{started}\necho \"$MACRUNNERS_SIM_ORKA_TOKEN\" >>{given}\nexec -a \"$0\" {Cluster.Simulator} \"$@\"\n", Cancellation);
            File.SetUnixFileMode(simulator, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var environment = SecretVariables.ToDictionary(name => name, name => name == "ORKA_ENDPOINT" ? "https://canary:pass-word@orka.example" : $"canary of {name}/\"&");

            var ended = await RunAsync(["--fail", "14:bun", "--simulator", simulator, "--artifacts", artifacts], [.. environment, new("TMPDIR", temporary.FullName)]);

            // All of it is there, the failure, too.
            Assert.True(ended.Code == ExitCodes.Failure, ended.Output + ended.Error);
            var files = Directory.EnumerateFiles(artifacts).ToDictionary(file => Path.GetFileName(file), File.ReadAllText);
            Assert.Equal(
                ["flake-macos-14.json", "flake-macos-15.json", "macos-14.jsonl", "macos-15.jsonl", "messages.json", "verify-macos-14.json", "verify-macos-15.json"],
                files.Keys.Order(StringComparer.Ordinal));
            Assert.Contains("macOS 14: failed at flake", files["messages.json"], StringComparison.Ordinal);
            Assert.Contains("\"step\":\"prune\"", files["macos-15.jsonl"], StringComparison.Ordinal);
            var programs = await File.ReadAllTextAsync(started, Cancellation);
            Assert.All(["/macrunners-sim orka ", "/macrunners-sim discord", "/orka3 imagecache add ", " image verify --json"], program => Assert.Contains(program, programs, StringComparison.Ordinal));
            Assert.Empty(temporary.EnumerateFileSystemInfos("macrunners-fleet-*"));

            // The two that the simulated services take are secrets, too.
            var token = (await File.ReadAllLinesAsync(given, Cancellation)).Distinct().Single(line => line.Length > 0);
            var secrets = new Secrets([.. environment.Values, "pass-word", token, "secret-of-the-webhook"]);
            foreach (var (name, text) in files.Append(new("standard output", ended.Output)).Append(new("standard error", ended.Error)).Append(new("arguments", programs)))
            {
                Assert.True(secrets.Redact(text) == text, $"{name} has a secret: {secrets.Redact(text)}");
            }
        }
        finally
        {
#pragma warning disable RS0030 // Nothing but this test writes here.
            folder.Delete(recursive: true);
#pragma warning restore RS0030
        }
    }

    /// <summary>What the pipeline's environment may have that nobody should see.</summary>
    private static readonly string[] SecretVariables =
    [
        "ORKA_ENDPOINT", "ORKA_AUTH_TOKEN", "DISCORD_WEBHOOK_URL", "STORAGE_CREDENTIALS", "GITHUB_TOKEN", "GH_TOKEN", "BUILDKITE_AGENT_TOKEN", "MACRUNNERS_TOKEN",
        "PKR_VAR_orka_auth_token", "PKR_VAR_storage_credentials", "PKR_VAR_base_password", "SIGNING_IDENTITIES", "SIGNING_PASSPHRASE", "NOTARY_KEY",
    ];

    private static readonly string[] Steps = ["build", "verify", "flake", "promote", "cache", "prune", "sweep", "notify"];

    private static Task<Ended> RunAsync(params string[] further) => RunAsync(further, []);

    private static async Task<Ended> RunAsync(IReadOnlyList<string> further, IReadOnlyList<KeyValuePair<string, string>> environment)
    {
        await using var cluster = await Cluster.StartAsync();
        using var repository = new GitRepository();
        repository.Commit("README.md");
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "macrunners-fleet"),
            ["image", "pipeline", "--sim", "--manifest", cluster.Path("manifest.json"), "--repository", repository.Folder, .. further])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return new Ended(process.ExitCode, output, await error);
    }
}
