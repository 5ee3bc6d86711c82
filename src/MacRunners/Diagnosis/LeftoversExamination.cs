using MacRunners.Accounts;
using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;

namespace MacRunners.Diagnosis;

/// <summary>
/// Is something of earlier jobs still here? Names what resists: processes, files, mounts, accounts. Looks into journal, account database,
/// homes and shared places, and leaves the jobs of a running daemon out.
/// </summary>
internal sealed class LeftoversExamination(
    IPlatform platform, IAccountDirectory directory, AccountRange range, CleanlinessProof proof, SharedPlaces places, PathsOptions paths) : Examination("leftovers")
{
    private const int MostNamed = 10;
    private const string ByItself = "The daemon tears it down at its start; or now, while it is stopped: macrunners account remove ";

    private const string Resists =
        "Remove what resists (kill, umount, chflags or chattr; see the daemon's log for the cause), then let the daemon tear down again and prove it (macrunners sweep, or a restart); or recycle the machine.";

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var runs = JournalFile.IsHeld(paths.State);
        var (before, damaged) = JournalFile.Peek(paths.State);
        var findings = new List<DoctorFinding>();
        if (damaged > 0)
        {
            findings.Add(Warning($"{damaged} lines of the journal are damaged", "One at its end is left by a crash and harmless; else check the disk."));
        }

        if (before.Dirty is { } dirty)
        {
            findings.Add(Failed($"the machine is dirty since {dirty.At:u}: {dirty.Reason}", Resists));
        }

        foreach (var life in before.OpenJobs.Where(life => life.Account is not null))
        {
            findings.AddRange(await ExamineAsync(life, runs, cancellationToken));
        }

        var accounts = await directory.ListJobAccountsAsync(cancellationToken);

        // Read again: an account that a running daemon has made since is in the journal before it is anywhere else.
        var known = before.OpenJobs.Concat(JournalFile.Peek(paths.State).Content.OpenJobs).Select(life => life.Account).OfType<JobAccount>().DistinctBy(account => account.Id).ToList();
        foreach (var entry in accounts.Where(entry => !known.Exists(account => account.Name == entry.Name)))
        {
            findings.Add(await ExamineAsync(entry, cancellationToken));
        }

        var numbers = known.Select(account => account.Id).Concat(accounts.Select(entry => entry.Id).OfType<uint>()).ToHashSet();
        findings.AddRange(Strays(owner => range.Contains(owner) && !numbers.Contains(owner)));
        if (!runs)
        {
            findings.AddRange(InTrash());
        }

        if (findings.Count == 0)
        {
            findings.Add(Ok("nothing of earlier jobs is here"));
        }

        if (runs)
        {
            findings.Add(Ok($"accounts of the running daemon's jobs: {known.Count}"));
        }

        return findings;
    }

    private async Task<IEnumerable<DoctorFinding>> ExamineAsync(JobLife life, bool runs, CancellationToken cancellationToken)
    {
        var account = life.Account!;
        var isWedged = life.Stage == JobStage.Dirty;
        if (!range.Contains(account.Id) || life.Stage == JobStage.Clean || (runs && !isWedged))
        {
            return [];
        }

        var left = await proof.LookAsync(account, cancellationToken);
        var what = $"{account.Name} ({account.Id}, job {life.Job}, {life.Stage}): {Named(left)}";
        return left.Count == 0 ? []
            : isWedged ? [Failed(what, Resists)]
            : life.Stage == JobStage.AgentStarted && platform.Processes.Find(life.Agent?.Process.Pid ?? 0)?.Identity == life.Agent?.Process
                ? [Warning($"{what}; its agent lives", "The daemon takes the job up again at its start.")]
            : [Warning(what, ByItself + account.Name)];
    }

    private async Task<DoctorFinding> ExamineAsync(AccountEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Id is not { } id)
        {
            return Warning($"{entry.Name} is a half-made record without a number", ByItself + entry.Name);
        }

        if (!range.Contains(id))
        {
            return Warning($"{entry.Name} looks like a job's account, but its number {id} is outside {range}", "It is never touched; if nobody else's daemon made it, delete it by hand.");
        }

        var left = await proof.LookAsync(new JobAccount(entry.Name, id, Path.Combine(paths.Homes, entry.Name), entry.GeneratedUid), cancellationToken);
        return Warning($"{entry.Name} ({id}) is not in the journal: {Named(left)}", ByItself + entry.Name);
    }

    private IEnumerable<DoctorFinding> Strays(Func<uint, bool> isStray)
    {
        var found = new List<string>();
        if (Directory.Exists(paths.Homes))
        {
            using var homes = platform.Files.OpenDirectory(paths.Homes);
            found.AddRange(platform.Files.List(homes)
                .Where(name => name.Bytes.StartsWith("bk-"u8) && platform.Files.Stat(homes, name) is { } status && isStray(status.Uid))
                .Select(name => $"{paths.Homes}/{name}"));
        }

        places.Visit(isStray, (_, _, _, path) => found.Add(path));
        return found.Count == 0 ? [] : [Warning($"files of numbers that no account has: {Named(found)}", "The daemon moves them to the trash at its start.")];
    }

    private IEnumerable<DoctorFinding> InTrash()
    {
        var trash = Path.Combine(paths.State, Trash.FolderName);
        var entries = Directory.Exists(trash) ? Directory.EnumerateFileSystemEntries(trash).Take(MostNamed + 1).ToList() : [];
        return entries.Count == 0 ? [] : [Warning($"the trash is not empty: {Named(entries)}", "The daemon empties it; what stays has an immutable flag, a mount or a failing disk, and its log says which.")];
    }

    // What somebody has to look at comes first; that the account is in the database under its name and its number is one thing.
    private static string Named(IReadOnlyCollection<Residue> residues)
    {
        var account = residues.Any(residue => residue.Kind == ResidueKind.Account) ? ["its account"] : Array.Empty<string>();
        return Named<string>([.. residues.Where(residue => residue.Kind != ResidueKind.Account).Select(residue => residue.ToString()), .. account]);
    }

    private static string Named<T>(IReadOnlyCollection<T> things) =>
        string.Join("; ", things.Take(MostNamed)) + (things.Count > MostNamed ? $"; and {things.Count - MostNamed} more" : "");
}
