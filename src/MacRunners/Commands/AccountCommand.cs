using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MacRunners.Accounts;
using MacRunners.Hosting;
using MacRunners.Hosting.Configuration;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;

namespace MacRunners.Commands;

/// <summary>Verb <c>account</c>: makes and removes accounts by hand, by the daemon's own code and journal, while no daemon runs.</summary>
internal static class AccountCommand
{
    private const string WithoutDaemon =
        " Works while the daemon is stopped (exit code 69 otherwise); what is left of such an account is torn down at the daemon's next start.";

    /// <summary>The verb and its parts.</summary>
    public static Command Create() => new("account", "Makes and removes accounts of jobs by hand.")
    {
        CreateAccount(),
        RemoveAccount(),
    };

    private static Command CreateAccount()
    {
        var flags = new ConfigurationFlags();
        var job = new Option<Guid?>("--job") { Description = "UUID to name the account after. Default: a random one", HelpName = "UUID" };
        var dryRun = DryRun();
        var json = new Option<bool>("--json") { Description = "Write {name, uid, home, job, dryRun, commands}" };
        var command = new Command("create", "Makes an account as for a job: user, group, private home, no password, no further rights." + WithoutDaemon) { job, dryRun, json };
        flags.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(flags, parsed, async audit =>
        {
            var id = parsed.GetValue(job) ?? Guid.NewGuid();
            var made = parsed.GetValue(dryRun) ? PlanCreation(audit, id) : await CreateAsync(audit, id, cancellation);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(made, AccountJson.Readable.CreatedAccount));
                return ExitCodes.Success;
            }

            Console.WriteLine(made.DryRun ? "Would make, without changing anything now:" : "Made:");
            Console.WriteLine($"  name  {made.Name}\n  uid   {made.Uid}\n  home  {made.Home}");
            Write(made.Commands);
            return ExitCodes.Success;
        }));
        return command;
    }

    private static Command RemoveAccount()
    {
        var flags = new ConfigurationFlags();
        var account = new Argument<string>("NAME|UUID") { Description = "The account, or the job's UUID" };
        var dryRun = DryRun();
        var json = new Option<bool>("--json") { Description = "Write {name, uid, clean, dryRun, found, remaining, commands}" };
        var command = new Command(
            "remove",
            "Tears an account down as after a job (processes, files, account, group), proves that nothing is left, and says what was found. "
                + "Only accounts of jobs with a number of Accounts:UidMin..UidMax are touched. Exit codes: 0 gone, or never there; 1 refused, or something remains." + WithoutDaemon)
        {
            account, dryRun, json,
        };
        flags.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(flags, parsed, async audit =>
        {
            var named = parsed.GetRequiredValue(account);
            var removed = parsed.GetValue(dryRun) ? await PlanRemovalAsync(audit, named, cancellation) : await RemoveAsync(audit, named, cancellation);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(removed, AccountJson.Readable.RemovedAccount));
            }
            else
            {
                Describe(removed);
            }

            return removed.Clean || removed.DryRun ? ExitCodes.Success : ExitCodes.Failure;
        }));
        return command;
    }

    private static Option<bool> DryRun() => new("--dry-run") { Description = "Say what would be done, with the exact commands, and change nothing; works beside a running daemon" };

    private static async Task<int> RunAsync(ConfigurationFlags flags, ParseResult parsed, Func<ConfigurationAudit, Task<int>> act)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return Complain("account must be started as root: it makes and deletes accounts.", ExitCodes.NotRoot);
        }

        // Neither agent nor token is needed here, so it does not matter what is wrong with them.
        var audit = flags.Audit(parsed, hasTokenInEnvironment: true);
        var faults = audit.Faults.Where(fault => !fault.Key.StartsWith("Buildkite:", StringComparison.OrdinalIgnoreCase) && !fault.Key.StartsWith("Agent:", StringComparison.OrdinalIgnoreCase)).ToList();
        if (faults.Count > 0)
        {
            return Complain(Fault.Describe(faults), ExitCodes.Configuration);
        }

        try
        {
            return await act(audit);
        }
        catch (DaemonRunsException e)
        {
            return Complain(e.Message, ExitCodes.Unavailable);
        }
        catch (Exception e) when (e is AccountDirectoryException or ToolException or IOException or UnauthorizedAccessException or InvalidDataException or OperationCanceledException)
        {
            return Complain(e.Message, ExitCodes.Failure);
        }
    }

    private static async Task<CreatedAccount> CreateAsync(ConfigurationAudit audit, Guid id, CancellationToken cancellationToken)
    {
        await using var services = Prepare(audit);
        var account = await services.GetRequiredService<AccountsByHand>().CreateAsync(id, cancellationToken);
        return new CreatedAccount(account.Name, account.Id, account.Home, id, DryRun: false, []);
    }

    private static async Task<RemovedAccount> RemoveAsync(ConfigurationAudit audit, string named, CancellationToken cancellationToken)
    {
        await using var services = Prepare(audit);
        var removal = await services.GetRequiredService<AccountsByHand>().RemoveAsync(named, cancellationToken);
        return new RemovedAccount(
            removal.Name, removal.Uid, removal.Report?.IsClean ?? true, DryRun: false, removal.Report?.Found ?? [], removal.Report?.Remaining ?? [], []);
    }

    private static CreatedAccount PlanCreation(ConfigurationAudit audit, Guid id)
    {
        using var services = OfflineServices.Build(audit, new NoAgentToken());
        var directory = services.GetRequiredService<IAccountDirectory>();
        var range = services.GetRequiredService<AccountRange>();
        var next = Math.Max(JournalFile.Peek(audit.Settings.Paths.State).Content.NextUid, range.First);
        while (next <= range.Last && directory.HolderOf(next) is not null)
        {
            next++;
        }

        if (next > range.Last)
        {
            throw new AccountDirectoryException($"no number of {range} is left: restart the machine");
        }

        var name = directory.NameFor(id);
        var home = Path.Combine(audit.Settings.Paths.Homes, name);
        var accounts = audit.Settings.Accounts;
        var commands = directory.CommandsFor(new AccountSpec(name, next, home, accounts.Shell, JobAccounts.Describe(id))).Create;
        IReadOnlyList<string> MakeFolders(params IEnumerable<string> folders) => ["install", "-d", "-m", "700", "-o", $"{next}", "-g", $"{next}", .. folders];
        if (accounts.Home is HomeKind.Volume)
        {
            commands = [.. commands, MakeFolders(home), .. audit.Platform.HomeVolumes.CommandsFor(audit.Settings.Paths.Homes, name, accounts.HomeQuotaBytes).Create];
        }

        return new CreatedAccount(name, next, home, id, DryRun: true, [.. commands, MakeFolders([home, .. JobHome.FoldersIn(home)])]);
    }

    private static async Task<RemovedAccount> PlanRemovalAsync(ConfigurationAudit audit, string named, CancellationToken cancellationToken)
    {
        await using var services = OfflineServices.Build(audit, new NoAgentToken());
        var target = await services.GetRequiredService<AccountSearch>().FindAsync(named, JournalFile.Peek(audit.Settings.Paths.State).Content.OpenJobs, cancellationToken);
        var directory = services.GetRequiredService<IAccountDirectory>();
        var delete = directory.CommandsFor(new AccountSpec(target.Name, target.Account?.Id ?? 0, "", "", "")).Delete;
        if (target.Account is not { } account)
        {
            return new RemovedAccount(target.Name, null, Clean: !target.IsHalfMade, DryRun: true, [], [], target.IsHalfMade ? delete : []);
        }

        var found = await services.GetRequiredService<CleanlinessProof>().LookAsync(account, cancellationToken);
        var helper = services.GetRequiredService<HelperCommand>();
        var range = services.GetRequiredService<AccountRange>();
        return new RemovedAccount(
            account.Name,
            account.Id,
            Clean: found.Count == 0,
            DryRun: true,
            found,
            [],
            [
                .. services.GetRequiredService<IPlatform>().Domains.EndCommand(account.Id) is { Count: > 0 } end ? [end] : (IReadOnlyList<IReadOnlyList<string>>)[],
                [helper.Program, .. helper.Arguments("kill-as", "--uid", $"{account.Id}", "--gid", $"{account.Id}", "--floor", $"{range.First}")],
                .. account.OnVolume || audit.Settings.Accounts.Home is HomeKind.Volume ? audit.Platform.HomeVolumes.CommandsFor(audit.Settings.Paths.Homes, account.Name, 0).Delete : [],
                ["mv", account.Home, Path.Combine(audit.Settings.Paths.State, Trash.FolderName)],
                .. delete,
            ]);
    }

    private static ServiceProvider Prepare(ConfigurationAudit audit)
    {
        var state = audit.Settings.Paths.State;
        if (JournalFile.IsHeld(state))
        {
            throw new DaemonRunsException(
                $"A macrunners daemon runs on {state}; it gives out the numbers and tears down by itself. Stop it first (macrunners drain --wait, then the service); or let it tear down what earlier jobs left by macrunners sweep; or let --dry-run say what would be done.");
        }

        new StateFolders(audit.Settings.Paths, audit.Platform.Files).Ensure();
        return OfflineServices.Build(audit, new NoAgentToken());
    }

    private static void Describe(RemovedAccount removed)
    {
        if (removed.DryRun)
        {
            Console.WriteLine(removed.Commands.Count == 0 ? $"There is nothing of {removed.Name}." : $"Would tear down {removed.Name} ({removed.Uid}), without changing anything now. Found:");
            Write(removed.Found);
            Write(removed.Commands);
            return;
        }

        if (removed.Clean)
        {
            Console.WriteLine(removed.Uid is { } uid ? $"{removed.Name} ({uid}) is proven gone. Found and removed besides account and home:" : $"There is nothing of {removed.Name} any more.");
            Write(removed.Found);
            return;
        }

        Console.Error.WriteLine($"macrunners: {removed.Name} ({removed.Uid}) could not be proven gone; the machine is dirty and takes no job. Remaining:");
        foreach (var residue in removed.Remaining)
        {
            Console.Error.WriteLine($"  {Visible.Text(residue.ToString())}");
        }
    }

    private static void Write(IReadOnlyList<Residue> residues)
    {
        foreach (var residue in residues)
        {
            Console.WriteLine($"  {Visible.Text(residue.ToString())}");
        }
    }

    private static void Write(IReadOnlyList<IReadOnlyList<string>> commands)
    {
        if (commands.Count > 0)
        {
            Console.WriteLine("By:");
        }

        foreach (var command in commands)
        {
            Console.WriteLine($"  {string.Join(' ', command.Select(Quoted))}");
        }
    }

    // For reading and for pasting into a shell.
    private static string Quoted(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "/._-=:+,@".Contains(c)) ? argument : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static int Complain(string message, int exitCode)
    {
        Console.Error.WriteLine($"macrunners: {message.TrimEnd()}");
        return exitCode;
    }

    /// <summary>The daemon has what is needed.</summary>
    private sealed class DaemonRunsException(string message) : Exception(message);
}

/// <summary>The answer of <c>account create --json</c>.</summary>
internal sealed record CreatedAccount(string Name, uint Uid, string Home, Guid Job, bool DryRun, IReadOnlyList<IReadOnlyList<string>> Commands);

/// <summary>The answer of <c>account remove --json</c>.</summary>
internal sealed record RemovedAccount(
    string Name, uint? Uid, bool Clean, bool DryRun, IReadOnlyList<Residue> Found, IReadOnlyList<Residue> Remaining, IReadOnlyList<IReadOnlyList<string>> Commands);

/// <summary>How they are written.</summary>
[JsonSerializable(typeof(CreatedAccount))]
[JsonSerializable(typeof(RemovedAccount))]
internal sealed partial class AccountJson : JsonSerializerContext
{
    /// <summary>For terminals and scripts, not for web pages.</summary>
    public static AccountJson Readable { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<ResidueKind>() },
    });
}
