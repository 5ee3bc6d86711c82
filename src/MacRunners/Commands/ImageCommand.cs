using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using MacRunners.Hosting.Configuration;
using MacRunners.Hosting.Http;
using MacRunners.Images;
using MacRunners.Isolation;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;

namespace MacRunners.Commands;

/// <summary>Verb <c>image</c>: is this machine, made from an image, what the manifest says?</summary>
internal static class ImageCommand
{
    private const string InstalledManifest = "/opt/macrunners/etc/software.json";
    private const string InstalledProbes = "/opt/macrunners/probes";
    private const string TriedAttack = "double-fork";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>The verb and its parts.</summary>
    public static Command Create() => new("image", "Proves that this machine is what an image for jobs must be.")
    {
        Verify(),
    };

    private static Command Verify()
    {
        var flags = new ConfigurationFlags();
        var manifest = new Option<string?>("--manifest")
        {
            Description = $"The software manifest. Default: {InstalledManifest}, if it exists, else the one this program was built with",
            HelpName = "FILE",
        };
        var probes = new Option<string>("--probes")
        {
            Description = "Folder of further probes: each program in it says by exit code 0 that all is well. It need not exist",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => InstalledProbes,
        };
        var timeout = DurationOption.Timeout("How long each probe may take", Limit);
        var requireDaemon = new Option<bool>("--require-daemon") { Description = "It is a failure that no daemon runs, too" };
        var noSelfTest = new Option<bool>("--no-self-test") { Description = "Make and delete no account" };
        var json = new Option<bool>("--json") { Description = "Write {ok, failed, skipped, probes:[{name, passed, status, expected, found, where, seconds, detail}]}" };
        var command = new Command(
            "verify",
            "Probes all software of the manifest as a job would find it (exact versions, made for this processor), uses some of it (compile and run C, configure with CMake, "
                + "run JavaScript, clone with git), looks at what keeps others out (default passwords, SSH by password, sudo for everybody, automatic login, what jobs could change in their PATH, "
                + "Spotlight, Time Machine, Full Disk Access), asks a running daemon how it is, and otherwise starts its pages to ask them and, as root, runs one hostile job and tears it down. "
                + "Nothing is asked of Buildkite. Exit codes: 0 no probe failed, 1 some did, 78 the manifest has faults.")
        {
            manifest, probes, timeout, requireDaemon, noSelfTest, json,
        };
        flags.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var audit = flags.Audit(parsed, hasTokenInEnvironment: true);
            SoftwareManifest software;
            try
            {
                (software, var unknown) = Manifest(parsed.GetValue(manifest));
                if (unknown.Count > 0)
                {
                    Console.Error.WriteLine($"macrunners: the manifest is of another version; this one does not know, and leaves out: {string.Join(", ", unknown)}");
                }
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                return ControlVerb.Complain(e.Message, ExitCodes.Configuration);
            }

            var folder = Path.GetFullPath(parsed.GetValue(probes)!);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
            try
            {
                var verification = Verification(audit, software, folder, parsed.GetValue(timeout)!.Value, parsed.GetValue(requireDaemon), parsed.GetValue(noSelfTest));
                var report = await verification.RunAsync(end.Token);
                Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(report, ImageJson.Readable.ImageReport) : report.Table().TrimEnd());
                return report.Failed == 0 ? ExitCodes.Success : ExitCodes.Failure;
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                return ControlVerb.Complain("ended before all probes were.", ExitCodes.Failure);
            }

            void End(PosixSignalContext context)
            {
                context.Cancel = true;
                end.Cancel();
            }
        });
        return command;
    }

    private static (SoftwareManifest Manifest, IReadOnlyList<string> UnknownKeys) Manifest(string? file)
    {
        file ??= File.Exists(InstalledManifest) ? InstalledManifest : null;
        return file is null ? (BuiltInManifest.Value, []) : SoftwareManifest.ParseOther(File.ReadAllText(file), file);
    }

    private static ImageVerification Verification(ConfigurationAudit audit, SoftwareManifest software, string probes, TimeSpan limit, bool requireDaemon, bool noSelfTest)
    {
        var programs = new JobPrograms(audit.Platform.Places.ExecutableSearchPath, new Tool(TimeProvider.System));
        var isRunning = JournalFile.IsHeld(audit.Settings.Paths.State);
        return new ImageVerification(
            new SearchPathProbe(programs),
            [
                .. software.Software.Where(item => item.Probe is not null).Select(item => new SoftwareProbe(item, item.Probe!, programs)),
                .. software.Software.Where(item => ScriptProbe.ScriptOf(item) is not null).Select(item => new ScriptProbe(item, ScriptProbe.ScriptOf(item)!, programs)),
                .. audit.Platform.Hardening.Checks.Select(check => new HardeningProbe(check)),
                .. DropInProbe.In(probes, programs, audit.Platform.Files),
                new HealthProbe(new UriBuilder(Uri.UriSchemeHttp, $"{IPAddress.Loopback}", audit.Settings.Http.Port, "health").Uri, isRunning, requireDaemon, cancellation => HealthTrial.StartAsync(audit, cancellation)),
            ],
            [new SelfTestProbe(WhyNoSelfTest(audit, isRunning, noSelfTest), AttackCatalogue.All.Single(attack => attack.Id == TriedAttack), (attacks, cancellation) => SelfTestCommand.HereAsync(audit, attacks, quick: true, cancellation))],
            limit,
            TimeProvider.System);
    }

    private static string? WhyNoSelfTest(ConfigurationAudit audit, bool isRunning, bool isUnwanted)
    {
        var faults = SelfTestCommand.FaultsThatMatter(audit);
        return isUnwanted ? "as asked (--no-self-test)"
            : isRunning ? "a daemon runs, which tests itself (see health)"
            : !Environment.IsPrivilegedProcess ? "only root can make accounts"
            : faults.Count > 0 ? $"the configuration has faults: {string.Join("; ", faults.Select(fault => fault.Key))}"
            : null;
    }
}
