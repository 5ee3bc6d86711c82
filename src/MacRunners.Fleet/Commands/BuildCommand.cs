using System.CommandLine;
using MacRunners.Fleet.Images;
using MacRunners.Fleet.Processes;

namespace MacRunners.Fleet.Commands;

/// <summary>Verb <c>image build</c>.</summary>
internal static class BuildCommand
{
    /// <summary>The verb.</summary>
    public static Command Create(FleetContext context)
    {
        var orka = new OrkaFlags(context);
        var (family, repository) = (ImageFlags.Family(), ImageFlags.Repository());
        var macOs = ImageFlags.Number("--macos", "Major version of macOS.", 15, least: 13, most: 99);
        var packer = new Option<string>("--packer") { Description = "Path of packer.", DefaultValueFactory = _ => "packer" };
        var template = new Option<string>("--template") { Description = "Folder of the template.", DefaultValueFactory = _ => "packaging/packer" };
        var variables = new Option<string[]>("--var") { Description = "A further variable of the template, name=value. May be repeated." };
        var limit = ImageFlags.Duration("--limit", "Longest time a build may take.", TimeSpan.FromHours(3));
        var verb = new StepVerb(context, "build");
        var command = verb.Create("build", "Builds a candidate with Packer and names it after macOS, time and commit. No job sees it before it is promoted.", takesImage: false, async (parsed, cancellation) =>
        {
            var connection = orka.Connection(parsed);
            var commit = await SourceChanges.HeadAsync(parsed.GetValue(repository)!, cancellation);
            var name = ImageName.Create(parsed.GetValue(family)!, parsed.GetValue(macOs), context.Time.GetUtcNow(), commit);
            var log = Path.GetFullPath($"packer-{name}.log");
            var environment = Environment(connection.Endpoint, connection.Token, log);
            await RunAsync(parsed.GetValue(packer)!, ["init", parsed.GetValue(template)!], parsed.GetValue(limit), environment, log, cancellation);
            await RunAsync(
                parsed.GetValue(packer)!, Arguments(name, parsed.GetValue(template)!, parsed.GetValue(variables) ?? []), parsed.GetValue(limit), environment, log, cancellation);
            await context.Output.WriteLineAsync(name.ToString());
            return new StepEnd(ExitCodes.Success, $"builder VM {BuilderVm(name)}, log {log}", name.ToString());
        });
        foreach (var option in new Option[] { macOs, family, repository, packer, template, variables, limit })
        {
            command.Options.Add(option);
        }

        return orka.AddTo(command);
    }

    /// <summary>Arguments of the build: nothing secret among them.</summary>
    public static IReadOnlyList<string> Arguments(ImageName image, string template, IReadOnlyList<string> variables) =>
    [
        "build", "-color=false", "-timestamp-ui",
        "-var", $"macos_version={image.MacOs}",
        "-var", $"image_name={image}",
        "-var", $"orka_vm_builder_name={BuilderVm(image)}",
        .. variables.SelectMany(variable => new[] { "-var", variable }),
        template,
    ];

    /// <summary>Name of the VM the image is made on.</summary>
    public static string BuilderVm(ImageName image) => RetentionPlan.BuilderVmPrefix + image.Template;

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
        var result = await ProgramRunner.RunAsync(packer, arguments, limit, cancellation, environment);
        if (result.ExitCode != 0)
        {
            var last = string.Join(" / ", $"{result.Output}\n{result.Error}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(8));
            throw new ProgramException($"packer {arguments[0]} ended with exit code {result.ExitCode}: {last}. Log: {log}");
        }
    }
}
