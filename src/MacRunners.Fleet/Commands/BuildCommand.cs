using System.CommandLine;
using MacRunners.Fleet.Images;
using MacRunners.Fleet.Processes;

namespace MacRunners.Fleet.Commands;

/// <summary>Verb <c>image build</c>.</summary>
internal static class BuildCommand
{
    // On SIGINT Packer deletes the VM it builds in.
    private static readonly TimeSpan TimeToDeleteVm = TimeSpan.FromMinutes(5);

    /// <summary>The verb.</summary>
    public static Command Create(FleetContext context)
    {
        var orka = new OrkaFlags(context);
        var (family, repository) = (ImageFlags.Family(), ImageFlags.Repository());
        var macOs = ImageFlags.Number("--macos", "Major version of macOS.", 15, least: 13, most: 99);
        var packer = new Option<string>("--packer") { Description = "Path of packer.", DefaultValueFactory = _ => "packer" };
        var template = new Option<string>("--template") { Description = "Folder of the template.", DefaultValueFactory = _ => "packaging/packer" };
        var package = new Option<string>("--package") { Description = "Archive of MacRunners that goes into the image (make package RID=osx-arm64).", Required = true };
        var variables = new Option<string[]>("--var-file") { Description = "File with the template's other variables, such as source_image. May be repeated." };
        var limit = ImageFlags.Duration("--limit", "Longest time a build may take.", TimeSpan.FromHours(3));
        var verb = new StepVerb(context, "build");
        var command = verb.Create("build", "Builds a candidate with Packer and names it after macOS, time and commit. No job sees it before it is promoted.", takesImage: false, async (parsed, cancellation) =>
        {
            var connection = orka.Connection(parsed);
            string[] files = [parsed.GetValue(package)!, .. parsed.GetValue(variables) ?? []];
            if (files.Where(file => !File.Exists(file)).ToList() is { Count: > 0 } missing)
            {
                throw new InvalidDataException($"There is no {string.Join(", no ", missing)}");
            }

            var commit = await SourceChanges.HeadAsync(parsed.GetValue(repository)!, cancellation);
            var name = ImageName.Create(parsed.GetValue(family)!, parsed.GetValue(macOs), context.Time.GetUtcNow(), commit);
            var log = Path.GetFullPath($"packer-{name}.log");
            var environment = Environment(connection.Endpoint, connection.Token, log);
            await RunAsync(parsed.GetValue(packer)!, ["init", parsed.GetValue(template)!], parsed.GetValue(limit), environment, log, cancellation);
            await RunAsync(
                parsed.GetValue(packer)!, Arguments(name, parsed.GetValue(template)!, files[0], files[1..]), parsed.GetValue(limit), environment, log, cancellation);
            await context.Output.WriteLineAsync(name.ToString());
            return new StepEnd(ExitCodes.Success, $"log {log}", name.ToString());
        });
        foreach (var option in new Option[] { macOs, package, variables, family, repository, packer, template, limit })
        {
            command.Options.Add(option);
        }

        return orka.AddTo(command);
    }

    /// <summary>Arguments of the build: nothing secret among them.</summary>
    public static IReadOnlyList<string> Arguments(ImageName image, string template, string package, IReadOnlyList<string> variables) =>
    [
        "build", "-color=false", "-timestamp-ui",
        .. variables.SelectMany(file => new[] { "-var-file", file }),
        "-var", $"macos={image.MacOs}",
        "-var", $"image_name={image}",
        "-var", $"package={package}",
        template,
    ];

    private static Dictionary<string, string?> Environment(Uri endpoint, string token, string log) => new()
    {
        ["PKR_VAR_orka_endpoint"] = endpoint.AbsoluteUri.TrimEnd('/'),
        ["PKR_VAR_orka_auth_token"] = token,
        ["CHECKPOINT_DISABLE"] = "1",
        ["PACKER_LOG"] = "1",
        ["PACKER_LOG_PATH"] = log,
    };

    private static async Task RunAsync(
        string packer, IReadOnlyList<string> arguments, TimeSpan limit, IReadOnlyDictionary<string, string?> environment, string log, CancellationToken cancellation)
    {
        var result = await ProgramRunner.RunAsync(packer, arguments, limit, cancellation, environment, TimeToDeleteVm);
        if (result.ExitCode != 0)
        {
            var last = string.Join(" / ", $"{result.Output}\n{result.Error}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(8));
            throw new ProgramException($"packer {arguments[0]} ended with exit code {result.ExitCode}: {last}. Log: {log}");
        }
    }
}
