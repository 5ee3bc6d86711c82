using System.CommandLine;
using System.Globalization;
using MacRunners.Fleet.Images;
using MacRunners.Fleet.Pipeline;
using MacRunners.Fleet.Versions;

namespace MacRunners.Fleet.Commands;

/// <summary>Verb <c>image pipeline</c>.</summary>
internal static class PipelineCommand
{
    /// <summary>The verb.</summary>
    public static Command Create(FleetContext context)
    {
        var (manifest, repository) = (ImageFlags.Manifest(), ImageFlags.Repository());
        var sim = new Option<bool>("--sim") { Description = "Against a simulated Orka and a simulated Discord. There is no other way: the real chain is the workflow image-rebuild.", Required = true };
        var macOs = ImageFlags.MacOs();
        var fail = new Option<string[]>("--fail") { Description = "MACOS:PROBE: this probe fails on one VM of that image. May be repeated." };
        var simulator = new Option<string>("--simulator")
        {
            Description = "The program macrunners-sim.",
            DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "macrunners-sim"),
        };
        var artifacts = new Option<string?>("--artifacts") { Description = "Folder for the records and reports of the run, and the messages about it (otherwise they go with it)." };
        var command = new Command("pipeline", "Walks build (recorded), verify, flake, promote, cache, prune and notify on this machine, against simulators.")
        {
            sim, macOs, fail, simulator, manifest, repository, artifacts,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var wanted = ManifestFile.Read(parsed.GetValue(manifest)!).Select(DueCommand.Numbers(parsed.GetValue(macOs) ?? []));
            var failing = (parsed.GetValue(fail) ?? []).Select(Failure).ToDictionary();
            var commit = await SourceChanges.HeadAsync(parsed.GetValue(repository)!, cancellation);
            await using var cloud = await SimulatedCloud.StartAsync(parsed.GetValue(simulator)!, [.. wanted.Select(ImagePipeline.BaseImage)], cancellation);
            var pipeline = new ImagePipeline(context, cloud, commit);
            var failed = new List<int>();
            foreach (var version in wanted)
            {
                if (!await pipeline.RunAsync(version, failing.GetValueOrDefault(version), cancellation))
                {
                    failed.Add(version);
                }
            }

            using var http = new HttpClient();
            var sent = await http.GetStringAsync(new Uri(cloud.Discord, "/sim/messages"), cancellation);
            var (vms, messages) = (Count(await http.GetStringAsync(new Uri(cloud.Orka, "/sim/vms"), cancellation)), Count(sent));
            if (parsed.GetValue(artifacts) is { } folder)
            {
                await File.WriteAllTextAsync(cloud.FilePath("messages.json"), sent, cancellation);
                cloud.Keep(folder);
            }

            await context.Output.WriteLineAsync(
                $"== {wanted.Count - failed.Count} of {wanted.Count} images promoted{(failed.Count > 0 ? $", failed: {string.Join(", ", failed)}" : "")}; VMs left: {vms}; messages: {messages}");
            return failed.Count == 0 && vms == 0 && messages == wanted.Count ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    private static KeyValuePair<int, string> Failure(string text) =>
        text.Split(':') is [var macOs, { Length: > 0 } probe] && int.TryParse(macOs, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? KeyValuePair.Create(version, probe)
            : throw new InvalidDataException($"--fail {text}: give MACOS:PROBE, for example 14:bun");

    private static int Count(string list) => System.Text.Json.JsonDocument.Parse(list).RootElement.GetArrayLength();
}
