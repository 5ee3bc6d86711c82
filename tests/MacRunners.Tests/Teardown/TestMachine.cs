using MacRunners.Accounts;
using MacRunners.Health;
using MacRunners.Hosting;
using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace MacRunners.Tests.Teardown;

/// <summary>The daemon's core on real files and processes, in a folder of its own, with a range of its own numbers: nothing else can be hit.</summary>
internal sealed class TestMachine : IDisposable
{
    private const UnixFileMode Everybody = (UnixFileMode)0b1_111_111_111;
    private readonly Scratch _scratch = new("/var/lib/macrunners-dev");
    private readonly IOptions<PathsOptions> _paths;

    internal TestMachine(uint numbers = 1)
    {
        Id = TestNumbers.Next(numbers);
        Name = $"bk-{Guid.NewGuid():n}"[..32];
        foreach (var folder in new[] { "state", "homes", "shared", "services" })
        {
            Directory.CreateDirectory(_scratch[folder]);
        }

        File.SetUnixFileMode(Shared, Everybody);
        _paths = Options.Create(new PathsOptions { State = _scratch["state"], Homes = Homes, Logs = _scratch["logs"], Run = _scratch["run"] });
        Platform = new TestPlatform([Shared], [_scratch["services/{name}"], _scratch["services/number.{uid}"], _scratch["absent/{name}"]]);
        var accounts = Options.Create(new AccountsOptions { UidMin = (int)Id, UidMax = (int)(Id + numbers - 1) });
        Range = new AccountRange(accounts);
        Places = new SharedPlaces(Platform, _paths, Options.Create(new TeardownOptions()));
        Trash = new Trash(Platform.Files, _paths, NullLogger<Trash>.Instance);
        Trash.Prepare();
        Sweeper = new FileSweeper(Platform, Range, Places, Trash, _paths);
        Tripwire = new Tripwire(Platform, Places, _paths, Options.Create(new TeardownOptions { ProtectedFiles = [_scratch["protected"]] }), NullLogger<Tripwire>.Instance);
        Remains = new AccountRemains(Platform, Range, Trash, accounts);
        Proof = new CleanlinessProof(Platform, Platform.Accounts, Places, Remains, _paths);
        Journal = OpenJournal();
    }

    /// <summary>The first number of the range, and the account's.</summary>
    internal uint Id { get; }

    internal string Name { get; }

    internal string Homes => _scratch["homes"];

    internal string Shared => _scratch["shared"];

    internal string TrashFolder => _scratch["state/trash"];

    internal string JournalPath => _scratch["state/journal.jsonl"];

    internal string this[string name] => _scratch[name];

    internal TestPlatform Platform { get; }

    internal AccountRange Range { get; }

    internal SharedPlaces Places { get; }

    internal Trash Trash { get; }

    internal FileSweeper Sweeper { get; }

    /// <summary>Watches <c>protected</c> in the folder.</summary>
    internal Tripwire Tripwire { get; }

    internal AccountRemains Remains { get; }

    internal CleanlinessProof Proof { get; }

    internal JournalFile Journal { get; private set; }

    /// <summary>Jobs of which something may be left.</summary>
    internal IEnumerable<JobLife> UncleanJobs => Journal.OpenJobs().Where(life => life.Stage != JobStage.Clean);

    internal DirtyState Dirty => new(Journal, NullLogger<DirtyState>.Instance);

    /// <summary>The account as the daemon recorded it, without home.</summary>
    internal JobAccount Account => new(Name, Id, Path.Combine(Homes, Name));

    internal ProcessReaper Reaper() => new(
        Platform,
        Range,
        new HelperCommand(Options.Create(new PlatformOptions())),
        new HelperTool(),
        Options.Create(new JobsOptions()),
        TimeProvider.System,
        NullLogger<ProcessReaper>.Instance);

    internal JobTeardown Teardown(TimeProvider? time = null) => new(
        Platform.Accounts,
        Journal,
        Reaper(),
        new StrayProcesses(Platform, Range, Journal),
        Remains,
        Sweeper,
        Proof,
        Trash,
        Tripwire,
        Dirty,
        new DaemonMetrics("0", "linux"),
        Options.Create(new JobsOptions()),
        time ?? TimeProvider.System,
        NullLogger<JobTeardown>.Instance);

    internal OrphanRecovery Recovery() => new(
        Platform,
        Platform.Accounts,
        Journal,
        Range,
        Teardown(),
        Reaper(),
        new StrayProcesses(Platform, Range, Journal),
        Remains,
        Sweeper,
        Places,
        Trash,
        Tripwire,
        Dirty,
        Substitute.For<IJobLogs>(),
        new DaemonMetrics("0", "linux"),
        _paths,
        TimeProvider.System,
        NullLogger<OrphanRecovery>.Instance);

    internal DeepScan DeepScan(IDispatcherStatus dispatcher, TeardownOptions options, TimeProvider time) => new(
        Platform, Range, Journal, Trash, dispatcher, new DaemonMetrics("0", "linux"), Options.Create(options), _paths, time, NullLogger<DeepScan>.Instance);

    /// <summary>Makes the home as the daemon does, and lists the account.</summary>
    internal JobAccount MakeAccount()
    {
        Platform.Accounts.Entries.Add(new AccountEntry(Name, Id, Account.Home, null));
        return Account with { HomeIdentity = JobHome.Create(Platform.Files, Homes, Name, Id) };
    }

    /// <summary>Writes to the journal what the daemon writes until the account exists.</summary>
    internal void JournalAccount(Guid job, JobAccount account)
    {
        Journal.Append(at => new JobReserved(at, job));
        Journal.Append(at => new AccountCreating(at, job, account.Name, account.Id, account.Id, account.Home));
        Journal.Append(at => new AccountCreated(at, job, null, account.HomeIdentity!));
    }

    /// <summary>A job that had the number and is over.</summary>
    internal void JournalGone(uint number)
    {
        var job = Guid.NewGuid();
        JournalAccount(job, new JobAccount("bk-gone", number, Path.Combine(Homes, "bk-gone")) { HomeIdentity = new HomeIdentity(1, 1) });
        Journal.Append(at => new StepDone(at, job, JobStage.Clean));
        Journal.Append(at => new JobSettled(at, job));
    }

    /// <summary>As a restart of the daemon does.</summary>
    internal void ReopenJournal()
    {
        Journal.Dispose();
        Journal = OpenJournal();
    }

    /// <summary>A file of somebody's.</summary>
    internal static string Plant(string path, uint owner, string content = "planted")
    {
        File.WriteAllText(path, content);
        Scratch.Shell("chown -h \"$2:$2\" \"$1\"", path, $"{owner}");
        return path;
    }

    /// <summary>A folder of somebody's.</summary>
    internal static string PlantFolder(string path, uint owner, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, mode);
        Scratch.Shell("chown \"$2:$2\" \"$1\"", path, $"{owner}");
        return path;
    }

    public void Dispose()
    {
        Journal.Dispose();
        _scratch.Dispose();
    }

    private JournalFile OpenJournal() => JournalFile.Open(
        _scratch["state"], Platform.BootId, "test", Id, Platform.Files, TimeProvider.System, NullLogger<JournalFile>.Instance);
}
