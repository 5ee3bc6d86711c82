using MacRunners.Accounts;
using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Telemetry;

namespace MacRunners.Teardown;

/// <summary>
/// Processes under the number of a job that is over. A job may leave a neighbour the means to become it (a set-user-id copy of a program in
/// his home), and be proven gone before he uses them: of such a process no teardown of the two would know.
/// </summary>
internal sealed class StrayProcesses(IPlatform platform, AccountRange range, JournalFile journal)
{
    /// <summary>The numbers under which they run, each with what to say about them.</summary>
    public IReadOnlyList<(uint Number, Residue Residue)> Find()
    {
        var before = Numbers();
        var found = platform.Processes.OwnedWithin(range.First, range.Last).Where(process => Stray(process, before) is not null).ToList();
        if (found.Count == 0)
        {
            return [];
        }

        // One of a job that began meanwhile has a number by now, and none lives of one that ended meanwhile.
        var after = Numbers();
        return
        [
            .. from process in found
               let number = Stray(process, after)
               where number is not null && platform.Processes.Find(process.Identity.Pid)?.Identity == process.Identity
               select (number.Value, new Residue(ResidueKind.Process, $"{ProcessReaper.Describe(process)} under {number}, the number of a job that was over")),
        ];
    }

    /// <summary>Whether it is one: then it has become no more than another job, and its number is swept when the kill is over.</summary>
    public bool Is(ProcessEntry process) => Stray(process, Numbers()) is not null;

    private uint? Stray(ProcessEntry process, HashSet<uint> known)
    {
        foreach (var uid in (ReadOnlySpan<uint>)[process.RealUid, process.EffectiveUid, process.SavedUid])
        {
            // A number that was never given to a job is somebody else's, whatever he wants with it.
            if (range.Contains(uid) && journal.WasGiven(uid) && !known.Contains(uid))
            {
                return uid;
            }
        }

        return null;
    }

    private HashSet<uint> Numbers() => [.. journal.OpenJobs().Where(life => life.Stage != JobStage.Clean).Select(life => life.Account?.Id).OfType<uint>()];
}
