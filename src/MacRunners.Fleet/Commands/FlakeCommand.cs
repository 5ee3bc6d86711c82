using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MacRunners.Fleet.Images;

namespace MacRunners.Fleet.Commands;

/// <summary>Verbs <c>image verify</c> (one VM, everything must pass) and <c>image flake</c> (several, most must).</summary>
internal static class FlakeCommand
{
    private const int MostIterations = 100;
    private static readonly FlakeOptions Defaults = new();

    /// <summary>Verb <c>flake</c>.</summary>
    public static Command Create(FleetContext context) => Create(
        context,
        "flake",
        "Deploys an image several times on fresh VMs, verifies each by `macrunners image verify`, and deletes them. With 3 iterations 80 % means 3 of 3: 2 of 3 are 66.7 %. Give more --iterations for statistics.",
        ImageFlags.Number("--iterations", "How many VMs.", Defaults.Iterations, least: 1, MostIterations),
        ImageFlags.Number("--threshold", "Percentage of VMs that must pass.", Defaults.Threshold, least: 1, most: 100));

    /// <summary>Verb <c>verify</c>.</summary>
    public static Command CreateVerify(FleetContext context) => Create(
        context, "verify", "Deploys an image once, runs `macrunners image verify` there, and deletes the VM. Every probe must pass.", iterations: null, threshold: null);

    private static Command Create(FleetContext context, string name, string description, Option<int>? iterations, Option<int>? threshold)
    {
        var orka = new OrkaFlags(context);
        var verb = new StepVerb(context, name);
        var (cpu, memory, json) = (ImageFlags.Cpu(), ImageFlags.Memory(), ImageFlags.AsJson());
        var ssh = new Option<string>("--ssh") { Description = "Path of ssh.", DefaultValueFactory = _ => "ssh" };
        var user = new Option<string>("--ssh-user") { Description = "Account on the VM.", DefaultValueFactory = _ => "admin" };
        var key = new Option<string?>("--ssh-key") { Description = "File of the private key (otherwise ssh chooses)." };
        var report = new Option<string?>("--report") { Description = "Also write the report as JSON to this file." };
        var boot = ImageFlags.Duration("--boot-limit", "From the order to a running VM; the first on a node copies the image.", Defaults.BootLimit);
        var network = ImageFlags.Duration("--network-limit", "From a running VM to an SSH server that answers.", Defaults.NetworkLimit);
        var verify = ImageFlags.Duration("--verify-limit", "For the verification.", Defaults.VerifyLimit);
        var command = verb.Create(name, description, takesImage: true, async (parsed, cancellation) =>
        {
            var image = verb.Image(parsed);
            var options = new FlakeOptions
            {
                Iterations = iterations is null ? 1 : parsed.GetValue(iterations),
                Threshold = threshold is null ? 100 : parsed.GetValue(threshold),
                Cpu = parsed.GetValue(cpu),
                MemoryGib = ImageFlags.MemoryOf(parsed, memory),
                BootLimit = parsed.GetValue(boot),
                NetworkLimit = parsed.GetValue(network),
                VerifyLimit = parsed.GetValue(verify),
            };
            if (options.LongestUse > RetentionPlan.LongestUse)
            {
                throw new InvalidDataException(
                    $"--boot-limit, --network-limit and --verify-limit: together at most {(RetentionPlan.LongestUse - FlakeTest.DeleteLimit).TotalMinutes:0}m: from {RetentionPlan.AbandonedAge.TotalHours:0} h on `image prune` takes a test VM for left behind");
            }

            using var cluster = await orka.ConnectAsync(parsed, cancellation);
            var verifier = new SshVerifier(parsed.GetValue(ssh)!, parsed.GetValue(user)!, parsed.GetValue(key), context.Time);
            var result = await new FlakeTest(cluster, verifier, context.Time, vm => verb.NoteVm(parsed, vm, orka.Namespace(parsed)), context.Error.WriteLine).RunAsync(image.ToString(), options, cancellation);
            var document = JsonSerializer.Serialize(result, ImageFlags.Json);
            if (parsed.GetValue(report) is { } path)
            {
                await File.WriteAllTextAsync(path, document + "\n", cancellation);
            }

            await context.Output.WriteAsync(parsed.GetValue(json) ? document + "\n" : Text(result));
            return new StepEnd(result.Passed ? ExitCodes.Success : ExitCodes.No, Summary(result), image.ToString());
        });
        foreach (var option in new Option?[] { iterations, threshold, cpu, memory, ssh, user, key, boot, network, verify, report, json }.OfType<Option>())
        {
            command.Options.Add(option);
        }

        return orka.AddTo(command);
    }

    /// <summary>One line.</summary>
    public static string Summary(FlakeReport report)
    {
        var faults = report.Iterations.Where(iteration => !iteration.Passed).Select(iteration =>
            $"{iteration.Vm}: {iteration.Fault ?? string.Join(", ", iteration.Probes.Where(probe => !probe.Passed).Select(probe => $"{probe.Name} ({probe.Detail ?? "failed"})"))}");
        var most = report.Iterations.Count > 1 ? "up to " : "";
        var times = string.Create(
            CultureInfo.InvariantCulture,
            $"boot {most}{report.Iterations.Max(iteration => iteration.BootSeconds):0.0} s, verification {most}{report.Iterations.Max(iteration => iteration.VerifySeconds):0.0} s");
        return string.Join("; ", new[] { $"{report.PassedIterations} of {report.Iterations.Count} VMs passed, {report.Needed} had to", times }.Concat(faults));
    }

    /// <summary>For people: a line for each probe of each iteration.</summary>
    public static string Text(FlakeReport report)
    {
        var text = new StringBuilder();
        foreach (var iteration in report.Iterations)
        {
            Line($"iteration {iteration.Number}  {Verdict(iteration.Passed)}  {iteration.Vm}  boot {iteration.BootSeconds:0.0} s, verification {iteration.VerifySeconds:0.0} s{(iteration.Fault is { } fault ? $"  {fault}" : "")}");
            foreach (var probe in iteration.Probes)
            {
                Line($"  {iteration.Number}  {Verdict(probe.Passed)}  {probe.Name.PadRight(24)} {(probe.Seconds is { } seconds ? $"{seconds:0.0} s" : "")}{(probe.Detail is { } detail ? $"  {detail}" : "")}");
            }
        }

        Line($"{report.Image}: {(report.Passed ? "passed" : "FAILED")}: {report.PassedIterations} of {report.Iterations.Count} VMs passed; {report.Threshold} % of {report.Iterations.Count} means {report.Needed} of {report.Iterations.Count}");
        foreach (var vm in report.NotDeleted)
        {
            Line($"left behind: {vm}");
        }

        return text.ToString();

        static string Verdict(bool passed) => passed ? "ok    " : "FAILED";

        // What a VM says cannot move the terminal's cursor.
        void Line(FormattableString line) => text.Append(string.Concat(line.ToString(CultureInfo.InvariantCulture).TrimEnd().Select(character => char.IsControl(character) ? '?' : character))).Append('\n');
    }
}
