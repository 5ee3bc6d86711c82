using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using Microsoft.Extensions.Options;

namespace MacRunners.Accounts;

/// <summary>Makes the throw-away account of a job, journaled step by step.</summary>
internal sealed partial class JobAccounts(
    IPlatform platform,
    IAccountDirectory directory,
    JournalFile journal,
    AccountRange range,
    Trash trash,
    SharedPlaces places,
    Tripwire tripwire,
    DirtyState dirty,
    IOptions<AccountsOptions> accounts,
    IOptions<PathsOptions> paths,
    ILogger<JobAccounts> logger)
{
    // Numbers taken by others are rare; a long run of them means the range is not ours.
    private const int MaxTaken = 100;

    private readonly Lock _numbers = new();

    /// <summary>Why no account can be made, with the remedy: every number was used since the machine started. Null while one can.</summary>
    public string? Exhausted => NextCandidate() > range.Last ? $"every number of {range} was used since the machine started: restart the machine" : null;

    private bool OnVolume => accounts.Value.Home is HomeKind.Volume;

    /// <summary>Creates account, group and home; <see cref="JobLife.Account"/> says at every moment what may exist.</summary>
    /// <exception cref="AccountDirectoryException">The directory refused or failed, or the range is used up.</exception>
    /// <exception cref="ToolException">The home's volume could not be made.</exception>
    /// <exception cref="IOException">The home could not be made, or the journal not written.</exception>
    public async Task CreateAsync(JobLife life, CancellationToken cancellationToken)
    {
        var job = life.Job;
        var name = directory.NameFor(job);
        var home = Path.Combine(paths.Value.Homes, name);
        cancellationToken.ThrowIfCancellationRequested();

        // Beside the account, which takes longer. Never while a job that may have changed them is here, nor after one that did.
        var arming = dirty.IsDirty || journal.OpenJobs().Any(other => other.Job != job && other.Account is not null)
            ? Task.CompletedTask
            : Task.Run(tripwire.Arm, CancellationToken.None);
        var isHalfMade = false;
        try
        {
            for (var attempt = 0; attempt < MaxTaken; attempt++)
            {
                var id = TakeNumber(job, name, home);
                life.Account = new JobAccount(name, id, home, OnVolume: OnVolume);
                var spec = new AccountSpec(name, id, home, accounts.Value.Shell, Describe(job));

                // Never interrupted: a tool killed in the middle would leave the account database locked or half written.
                var creation = await directory.CreateAsync(spec, CancellationToken.None);
                switch (creation)
                {
                    case AccountCreation.IdTaken taken:
                        // Teardown must never act on a number that is somebody else's, after a crash neither.
                        life.Account = null;
                        isHalfMade = true;
                        journal.Append(at => new NumberTaken(at, job));
                        NumberInUse(logger, id, taken.By);
                        cancellationToken.ThrowIfCancellationRequested();
                        continue;
                    case AccountCreation.Created created:
                        var (identity, volume) = await MakeHomeAsync(name, id, cancellationToken);
                        journal.Append(at => new AccountCreated(at, job, created.GeneratedUid, identity, volume));
                        life.Account = life.Account with { GeneratedUid = created.GeneratedUid, HomeIdentity = identity, VolumeId = volume };
                        life.Enter(JobStage.AccountCreated);
                        await arming;
                        cancellationToken.ThrowIfCancellationRequested();
                        return;
                }
            }

            throw TooManyTaken();
        }
        catch (Exception) when (isHalfMade && life.Account is null)
        {
            // A record without number may be there under the name, and no teardown follows that would find it.
            try
            {
                await directory.DeleteAsync(name, CancellationToken.None);
            }
            catch (Exception e) when (e is AccountDirectoryException or ToolException)
            {
                dirty.Enter(job, $"{name}, which was made only by half, could not be deleted: {e.Message}");
            }

            throw;
        }
    }

    private async Task<(HomeIdentity Folder, Guid? Volume)> MakeHomeAsync(string name, uint id, CancellationToken cancellationToken)
    {
        var folder = MakeFolder(name, id, cancellationToken);
        if (!OnVolume)
        {
            return (folder, null);
        }

        cancellationToken.ThrowIfCancellationRequested();
        var volume = await platform.HomeVolumes.CreateAsync(paths.Value.Homes, name, accounts.Value.HomeQuotaBytes, CancellationToken.None);
        JobHome.MoveIn(platform.Files, paths.Value.Homes, name, id);
        return (folder, volume);
    }

    private HomeIdentity MakeFolder(string name, uint id, CancellationToken cancellationToken)
    {
        var make = OnVolume ? (Func<IFileCalls, string, string, uint, HomeIdentity>)JobHome.CreateMountPoint : JobHome.Create;
        try
        {
            return make(platform.Files, paths.Value.Homes, name, id);
        }
        catch (PosixException e) when (e.Error == PosixError.NoSpace)
        {
            // What the last job left may fill the disk from within the trash, which is emptied behind.
            NoRoom(logger, name);
            using var homes = platform.Files.OpenDirectory(paths.Value.Homes);
            trash.Take(paths.Value.Homes, homes, name);
            trash.Empty(places.OfTrash, cancellationToken);
            return make(platform.Files, paths.Value.Homes, name, id);
        }
    }

    /// <summary>The account's full name, for people.</summary>
    public static string Describe(Guid job) => $"MacRunners job {job}";

    private AccountDirectoryException TooManyTaken() => new(
        $"{MaxTaken} numbers in a row from {range} are in use by others: choose a range that belongs to macrunners alone");

    // The number is on disk as used before anything can carry it: a crash must not hand it out twice. From then on everything that
    // carries it counts as the job's, and recovery kills it, so a number that somebody has is never written down.
    private uint TakeNumber(Guid job, string name, string home)
    {
        lock (_numbers)
        {
            if (Exhausted is { } why)
            {
                throw new AccountDirectoryException(why);
            }

            var first = NextCandidate();
            for (var id = first; id <= range.Last && id - first < MaxTaken; id++)
            {
                if (directory.HolderOf(id) is not { } holder)
                {
                    journal.Append(at => new AccountCreating(at, job, name, id, id, home, OnVolume));
                    return id;
                }

                NumberInUse(logger, id, holder);
            }

            throw TooManyTaken();
        }
    }

    private uint NextCandidate() => Math.Max(journal.NextUid, range.First);

    [LoggerMessage(1102, LogLevel.Warning, "The disk has no room for the home of {Account}: emptying the trash first")]
    private static partial void NoRoom(ILogger logger, string account);

    [LoggerMessage(1101, LogLevel.Warning, "Number {Id} is in use by {By}; trying the next one")]
    private static partial void NumberInUse(ILogger logger, uint id, string by);
}
