using System.CommandLine;
using MacRunners.Fleet.Images;
using MacRunners.Fleet.Orka;
using MacRunners.Fleet.Processes;

namespace MacRunners.Fleet.Commands;

/// <summary>Verb <c>image build</c>.</summary>
internal static class BuildCommand
{
    private const string Credentials = "STORAGE_CREDENTIALS";

    /// <summary>Longest time a build takes unless another is given, with <c>packer init</c>.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromHours(3);

    private static readonly TimeSpan DeleteLimit = TimeSpan.FromMinutes(1);

    /// <summary>Longest limit of a build: what follows it counts, too.</summary>
    public static readonly TimeSpan LongestLimit = RetentionPlan.LongestUse - PackerRun.TimeToDeleteVm - DeleteLimit;

    /// <summary>The verb.</summary>
    public static Command Create(FleetContext context)
    {
        var orka = new OrkaFlags(context);
        var (family, repository) = (ImageFlags.Family(), ImageFlags.Repository());
        var macOs = ImageFlags.Number("--macos", "Major version of macOS.", 15, least: 13, most: 99);
        var packer = new Option<string>("--packer") { Description = "Path of packer.", DefaultValueFactory = _ => "packer" };
        var template = new Option<string>("--template") { Description = "Folder of the template.", DefaultValueFactory = _ => "packaging/packer" };
        var package = new Option<string>("--package") { Description = "What goes into the image: a tarball of MacRunners (make package RID=osx-arm64), or a released .pkg.", Required = true };
        var variables = new Option<string[]>("--var-file") { Description = "File with the template's other variables, such as source_image. May be repeated." };
        var limit = ImageFlags.Duration("--limit", "Longest time a build may take, with `packer init`.", DefaultLimit);
        var verb = new StepVerb(context, "build");
        var command = verb.Create("build", "Builds a candidate with Packer and names it after macOS, time and commit. No job sees it before it is promoted.", takesImage: false, async (parsed, cancellation) =>
        {
            var connection = orka.Connection(parsed);
            string[] files = [parsed.GetValue(package)!, .. parsed.GetValue(variables) ?? []];
            if (files.Where(file => !File.Exists(file)).ToList() is { Count: > 0 } missing)
            {
                throw new InvalidDataException($"There is no {string.Join(", no ", missing)}");
            }

            if (parsed.GetValue(limit) > LongestLimit)
            {
                throw new InvalidDataException(
                    $"--limit: at most {LongestLimit.TotalMinutes:0}m, so that no build has its VM for more than {RetentionPlan.LongestUse.TotalHours:0} h: from {RetentionPlan.AbandonedAge.TotalHours:0} h on `image prune` takes it for left behind");
            }

            CheckEndpoint(parsed, connection.Endpoint, files[1..]);
            CheckSecrets(parsed, files[1..]);
            connection = connection with { Namespace = Namespace(parsed, files[1..]) ?? connection.Namespace };
            var commit = await SourceChanges.HeadAsync(parsed.GetValue(repository)!, cancellation);
            var name = ImageName.Create(parsed.GetValue(family)!, parsed.GetValue(macOs), context.Time.GetUtcNow(), commit);
            var log = Path.GetFullPath($"packer-{name}.log");
            var credentials = context.Variable(Credentials);
            var run = new PackerRun(parsed.GetValue(packer)!, connection, credentials, log);

            // The name tells the VM's age.
            var builder = RetentionPlan.BuilderVmName(context.Time.GetUtcNow(), RetentionPlan.NewRun());
            verb.NoteVm(parsed, builder, connection.Namespace);
            try
            {
                await run.BuildAsync(parsed.GetValue(limit), parsed.GetValue(template)!, Arguments(name, builder, connection.Namespace, parsed.GetValue(template)!, files[0], files[1..]), cancellation);
            }
            catch (ProgramException e)
            {
                // Packer may have been killed before it had deleted its VM, or have failed in that, too.
                var end = await DeleteAsync(parsed, connection.Namespace, builder);
                throw new ProgramException($"{e.Message}. Log: {log}. Builder VM: {builder}, {end}", e.IsTimeout, e);
            }
            catch (OperationCanceledException)
            {
                await DeleteAsync(parsed, connection.Namespace, builder);
                throw;
            }

            await context.Output.WriteLineAsync(name.ToString());
            return new StepEnd(ExitCodes.Success, $"log {log}", name.ToString());
        });
        foreach (var option in new Option[] { macOs, package, variables, family, repository, packer, template, limit })
        {
            command.Options.Add(option);
        }

        return orka.AddTo(command);

        // What the operator's variables say is where Packer builds, and so where its VM is to be deleted.
        string? Namespace(ParseResult parsed, IReadOnlyList<string> files)
        {
            var given = orka.GivenNamespace(parsed);
            var variable = Variable(parsed, "namespace", files);
            return given is null || variable is null || variable.Value == given
                ? given ?? variable?.Value
                : throw new InvalidDataException($"--namespace {given}, but {variable.Source} sets namespace to {variable.Value}: take one of them out");
        }

        // It wins over the variable that we give.
        void CheckEndpoint(ParseResult parsed, Uri endpoint, IReadOnlyList<string> files)
        {
            if (Variable(parsed, "orka_endpoint", files) is { } variable && !(Uri.TryCreate(variable.Value, UriKind.Absolute, out var other) && other == endpoint))
            {
                throw new InvalidDataException($"{orka.EndpointSource(parsed)} {endpoint}, but {variable.Source} sets orka_endpoint to {variable.Value}: take one of them out");
            }
        }

        // So would these, and nothing would cut them out of the log.
        void CheckSecrets(ParseResult parsed, IReadOnlyList<string> files)
        {
            foreach (var (name, ours) in new[] { ("orka_auth_token", "ORKA_AUTH_TOKEN"), ("storage_credentials", Credentials) })
            {
                if (PackerVariable.FileOf(name, parsed.GetValue(template)!, files) is { } file)
                {
                    throw new InvalidDataException($"{file} sets {name}: take it out and set {ours}, which is cut out of the log");
                }
            }
        }

        PackerVariable? Variable(ParseResult parsed, string name, IReadOnlyList<string> files) => PackerVariable.Find(name, context.Variable, parsed.GetValue(template)!, files);

        async Task<string> DeleteAsync(ParseResult parsed, string inNamespace, string vm)
        {
            using var end = new CancellationTokenSource(DeleteLimit, context.Time);
            try
            {
                using var cluster = await orka.ConnectAsync(parsed, end.Token, inNamespace);
                await cluster.DeleteVmAsync(vm, end.Token);
                return "deleted";
            }
            catch (Exception e) when (e is OrkaException or OperationCanceledException)
            {
                await context.Error.WriteLineAsync($"VM {vm} could not be deleted: {e.Message} Delete it: orka3 vm delete {vm} -n {inNamespace}");
                return "which may be there still";
            }
        }
    }

    /// <summary>Arguments of the build: nothing secret among them.</summary>
    public static IReadOnlyList<string> Arguments(ImageName image, string builder, string inNamespace, string template, string package, IReadOnlyList<string> variables) =>
    [
        "build", "-color=false", "-timestamp-ui",
        .. variables.SelectMany(file => new[] { "-var-file", file }),
        "-var", $"macos={image.MacOs}",
        "-var", $"image_name={image}",
        "-var", $"builder_name={builder}",
        "-var", $"namespace={inNamespace}",
        "-var", $"package={package}",
        template,
    ];
}
