using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using MacRunners.Agent;
using MacRunners.Hosting;
using MacRunners.Hosting.Configuration;
using MacRunners.Hosting.Control;
using MacRunners.Isolation;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;

namespace MacRunners.Commands;

/// <summary>Verb <c>selftest</c>: tries on this machine what hostile jobs would.</summary>
internal static class SelfTestCommand
{
    private const int WidthOfId = 28;
    private const int WidthOfCases = 10;

    /// <summary>The verb and its parts.</summary>
    public static Command Create() => new("selftest", "Tests this machine by trying what hostile jobs would.")
    {
        Isolation(),
    };

    private static Command Isolation()
    {
        var flags = new ConfigurationFlags();
        var chosen = new Option<string[]>("--attack")
        {
            Description = "Make this attack only; may be repeated. Default: all",
            HelpName = "ID",
            Arity = ArgumentArity.ZeroOrMore,
        };
        chosen.Validators.Add(result =>
        {
            foreach (var unknown in result.GetValueOrDefault<string[]>()?.Except(AttackCatalogue.All.Select(attack => attack.Id)) ?? [])
            {
                result.AddError($"'{unknown}' is no attack: --list shows all of them");
            }
        });
        var list = new Option<bool>("--list") { Description = "Make none: show which there are, with what each tries and what must hold" };
        var quick = new Option<bool>("--quick") { Description = "Small amounts (files, depth, bytes), and no look at the whole disk at the end" };
        var json = new Option<bool>("--json") { Description = "Write {ok, failed, skipped, attacks:[{id, title, outcome, seconds, details}], notTried:[{number, tried, because}]} at the end; with --list an array of {id, title, cases, platforms, tries, holds}" };
        var command = new Command(
            "isolation",
            "Makes attacks on this machine, without Buildkite: each is a script in an account as for a job, with a job's limits, started as a job's agent is; then comes the "
                + "daemon's teardown, and then a search for anything left by other means (ps, find, id, ipcs, mount). So an image is tested, a Mac's above all: leftovers in folders "
                + "that only this image has, rights that a job should not have, files that everybody may change. "
                + "One line for each attack: ok, FAILED with what did not hold, or skipped with the reason. "
                + "Needs a machine without jobs: either the daemon is stopped, or it is drained (macrunners drain --wait), and then makes them itself, with the rights that its "
                + "service manager gives it. Ctrl-C ends it; what has been begun is torn down all the same. "
                + "Exit codes: 0 everything held, 1 something did not, or it was refused or ended, 69 the daemon does not answer, 77 not root, 78 the configuration has faults.")
        {
            chosen, list, quick, json,
        };
        flags.AddTo(command);
        command.SetAction(parsed =>
        {
            var wanted = parsed.GetValue(chosen) is { Length: > 0 } ids ? [.. AttackCatalogue.All.Where(attack => ids.Contains(attack.Id))] : AttackCatalogue.All;
            return parsed.GetValue(list) ? Task.FromResult(List(wanted, parsed.GetValue(json))) : RunAsync(flags.Audit(parsed, hasTokenInEnvironment: true), wanted, parsed.GetValue(quick), parsed.GetValue(json));
        });
        return command;
    }

    private static int List(IReadOnlyList<Attack> attacks, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                [.. attacks.Select(attack => new ListedAttack(attack.Id, attack.Title, attack.Cases, attack.Platforms, attack.Tries, attack.Holds))], IsolationJson.Readable.IReadOnlyListListedAttack));
            return ExitCodes.Success;
        }

        foreach (var attack in attacks)
        {
            Console.WriteLine($"{attack.Id.PadRight(WidthOfId)}{string.Join(' ', attack.Cases).PadRight(WidthOfCases)}{attack.Title} ({string.Join(", ", attack.Platforms)})");
            Console.WriteLine($"  tries {attack.Tries}");
            Console.WriteLine($"  must hold: {attack.Holds}");
        }

        if (attacks.Count == AttackCatalogue.All.Count)
        {
            WriteNotTried(IsolationReport.Of([]));
        }

        return ExitCodes.Success;
    }

    // An image that holds against all attacks is not thereby proven against what none of them tries.
    private static void WriteNotTried(IsolationReport report)
    {
        Console.WriteLine("\nNo attack tries:");
        foreach (var untried in report.NotTried)
        {
            Console.WriteLine($"  {untried.Text()}");
        }
    }

    private static async Task<int> RunAsync(ConfigurationAudit audit, IReadOnlyList<Attack> attacks, bool quick, bool json)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return ControlVerb.Complain("selftest must be started as root: it makes and deletes accounts.", ExitCodes.NotRoot);
        }

        var faults = FaultsThatMatter(audit);
        if (faults.Count > 0)
        {
            return ControlVerb.Complain(Fault.Describe(faults).TrimEnd(), ExitCodes.Configuration);
        }

        using var end = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);
        var results = new List<AttackResult>();
        try
        {
            var made = JournalFile.IsHeld(audit.Settings.Paths.State) ? ByDaemonAsync(audit, attacks, quick, end.Token) : HereAsync(audit, attacks, quick, end.Token);
            await foreach (var result in made)
            {
                results.Add(result);
                if (!json)
                {
                    Console.WriteLine(result.Text());
                }
            }
        }
        catch (NotRunningException e)
        {
            return ControlVerb.Complain(e.Message, ExitCodes.Unavailable);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // What was made until now is told below.
        }
        catch (Exception e) when (e is ControlRefusedException or AccountDirectoryException or ToolException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return ControlVerb.Complain(e.Message, ExitCodes.Failure);
        }

        var report = IsolationReport.Of(results);
        if (!json && attacks.Count == AttackCatalogue.All.Count)
        {
            WriteNotTried(report);
        }

        Console.WriteLine(json ? JsonSerializer.Serialize(report, IsolationJson.Readable.IsolationReport) : $"\n{report.Summary()}");
        return end.IsCancellationRequested ? ControlVerb.Complain($"ended before all attacks were made ({results.Count} of {attacks.Count}).", ExitCodes.Failure)
            : report.Failed == 0 ? ExitCodes.Success
            : ExitCodes.Failure;

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            if (!end.IsCancellationRequested)
            {
                Console.Error.WriteLine("Ending; what has been begun is torn down ...");
                end.Cancel();
            }
        }
    }

    /// <summary>Faults of the configuration that stand in the way: nothing is asked of Buildkite, and no agent is started.</summary>
    internal static IReadOnlyList<Fault> FaultsThatMatter(ConfigurationAudit audit) =>
        [.. audit.Faults.Where(fault => !fault.Key.StartsWith("Buildkite:", StringComparison.OrdinalIgnoreCase) && !fault.Key.StartsWith("Agent:Path", StringComparison.OrdinalIgnoreCase))];

    private static async IAsyncEnumerable<AttackResult> ByDaemonAsync(
        ConfigurationAudit audit, IReadOnlyList<Attack> attacks, bool quick, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var client = new ControlClient(ControlSocket.PathIn(audit.Settings.Paths));
        await foreach (var result in client.AttackAsync(attacks, quick, cancellationToken))
        {
            yield return result;
        }
    }

    /// <summary>Makes attacks in this process, while no daemon runs.</summary>
    internal static async IAsyncEnumerable<AttackResult> HereAsync(
        ConfigurationAudit audit, IReadOnlyList<Attack> attacks, bool quick, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        new StateFolders(audit.Settings.Paths, audit.Platform.Files).Ensure();
        await using var services = OfflineServices.Build(audit, new NoAgentToken());
        var journal = services.GetRequiredService<JournalFile>();
        if (journal.Dirty is { } dirty)
        {
            throw new IOException($"the machine is dirty: {dirty.Reason}. Start the daemon: it tears down what is left and proves it");
        }

        if (journal.OpenJobs().Count > 0)
        {
            throw new IOException("jobs of the daemon's last run are not torn down yet, and may still run: start it, and drain it (macrunners drain --wait)");
        }

        services.GetRequiredService<AgentLauncher>().Prepare(new HashSet<Guid>());
        await foreach (var result in services.GetRequiredService<IsolationTest>().RunAsync(attacks, quick ? AttackScale.Quick : AttackScale.Full, isAlone: true, cancellationToken))
        {
            yield return result;
        }
    }
}
