using System.Text;
using MacRunners.Fleet.Commands;
using MacRunners.Fleet.Images;
using MacRunners.Fleet.Orka;

namespace MacRunners.Fleet.Pipeline;

/// <summary>
/// The whole chain for some versions of macOS against simulated services: the verbs of the workflow in its order, with the same record
/// between them. Only the build is not the real one: a VM of a base image is saved under the candidate's name.
/// </summary>
internal sealed class ImagePipeline(FleetContext context, SimulatedCloud cloud, string commit)
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(2);

    private static readonly string[] Steps = ["verify", "flake", "promote", "cache", "prune"];

    /// <summary>Name of the base image of a macOS.</summary>
    public static string BaseImage(int macOs) => $"base-{macOs}.img";

    /// <summary>Walks the chain for one macOS; one that fails leaves the others alone.</summary>
    /// <param name="macOs">Major version of macOS.</param>
    /// <param name="failingProbe">A probe that fails on the second VM, to see what that does; null for none.</param>
    /// <param name="cancellation">Interrupts it.</param>
    /// <returns>Whether all steps passed.</returns>
    public async Task<bool> RunAsync(int macOs, string? failingProbe, CancellationToken cancellation)
    {
        var recordPath = cloud.FilePath($"macos-{macOs}.jsonl");
        var record = new RunRecord(recordPath);
        await context.Output.WriteLineAsync($"== macOS {macOs}");
        await BuildAsync(macOs, record, cancellation);
        if (failingProbe is not null)
        {
            await PlanFailureAsync(record.Image!, failingProbe, cancellation);
        }

        var passed = true;
        foreach (var step in Steps)
        {
            await context.Output.WriteLineAsync($"-- {step}");
            if (await VerbAsync([step, "--record", recordPath, "--allow-http", .. Flags(step, macOs)], cancellation) != ExitCodes.Success)
            {
                passed = false;
                break;
            }
        }

        await context.Output.WriteLineAsync("-- sweep");
        var swept = await VerbAsync(["sweep", "--record", recordPath, "--allow-http"], cancellation);
        await context.Output.WriteLineAsync("-- notify");
        var sent = await VerbAsync(["notify", "--macos", $"{macOs}", "--record", recordPath, "--discord-test-host", cloud.Discord.Authority], cancellation);
        return passed && swept == ExitCodes.Success && sent == ExitCodes.Success;
    }

    private IEnumerable<string> Flags(string step, int macOs) => step switch
    {
        "verify" or "flake" => ["--ssh", cloud.Ssh, "--boot-limit", "60s", "--network-limit", "2s", "--report", cloud.FilePath($"{step}-macos-{macOs}.json")],
        "cache" => ["--orka3", cloud.Orka3],
        "prune" => ["--delete"],
        _ => [],
    };

    private Task<int> VerbAsync(IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        FleetCommandLine.RunAsync(["image", .. arguments], context with { Variable = cloud.Variable }, cancellation);

    private async Task BuildAsync(int macOs, RunRecord record, CancellationToken cancellation)
    {
        var start = context.Time.GetTimestamp();
        var name = ImageName.Create("bun", macOs, context.Time.GetUtcNow(), commit);
        var builder = new VmOrder(RetentionPlan.BuilderVmName(context.Time.GetUtcNow(), RetentionPlan.NewRun()), BaseImage(macOs), Cpu: 3, MemoryGib: null);
        await context.Output.WriteLineAsync($"-- build (recorded): packer {string.Join(' ', BuildCommand.Arguments(name, builder.Name, OrkaNames.SharedNamespace, "packaging/packer", "macrunners.tar.gz", []))}");
        record.AddVm(new RecordedVm(builder.Name, OrkaNames.SharedNamespace));
        using var orka = await OrkaConnection.Create(cloud.Variable("ORKA_ENDPOINT"), cloud.Token, OrkaNames.SharedNamespace, allowHttp: true).ConnectAsync(context.Time, cancellation);
        try
        {
            await orka.DeployAsync(builder, BuildLimit, cancellation);
            await orka.SaveImageAsync(builder.Name, name.ToString(), BuildLimit, cancellation);
        }
        finally
        {
            await orka.DeleteVmAsync(builder.Name, CancellationToken.None);
        }

        record.Add(new StepResult("build", StepOutcome.Passed, Math.Round(context.Time.GetElapsedTime(start).TotalSeconds, 1), "recorded, by no packer", name.ToString()));
    }

    /// <summary>The first VM, that of the verification, is good; the second, the first of the flake test, is not.</summary>
    private async Task PlanFailureAsync(string image, string probe, CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = cloud.Orka };
        foreach (var probes in new[] { $"[\"{System.Text.Json.JsonEncodedText.Encode(probe)}\"]", "[]" })
        {
            using var content = new StringContent($$"""{"image":"{{image}}","failing_probes":{{probes}},"count":1}""", Encoding.UTF8, "application/json");
            using var response = await http.PostAsync(new Uri("/sim/boots", UriKind.Relative), content, cancellation);
            response.EnsureSuccessStatusCode();
        }
    }
}
