using System.Diagnostics;
using MacRunners.Fleet.Commands;

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

    private static readonly string[] Steps = ["build", "verify", "flake", "promote", "cache", "prune", "sweep", "notify"];

    private static async Task<Ended> RunAsync(params string[] further)
    {
        await using var cluster = await Cluster.StartAsync();
        using var repository = new GitRepository();
        repository.Commit("README.md");
        using var process = Process.Start(new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "macrunners-fleet"),
            ["image", "pipeline", "--sim", "--manifest", cluster.Path("manifest.json"), "--repository", repository.Folder, .. further])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return new Ended(process.ExitCode, output, await error);
    }
}
