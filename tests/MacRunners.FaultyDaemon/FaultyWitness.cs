using System.Diagnostics;
using MacRunners.Jobs.Journal;

namespace MacRunners.FaultyDaemon;

/// <summary>Kills or holds the daemon, or lets it fail, where the plan says.</summary>
internal sealed class FaultyWitness(FaultPlan plan) : IJournalWitness
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    // The journal calls its witness one at a time.
    private readonly Dictionary<(bool IsSelfTest, string Kind), int> _seen = [];
    private readonly Dictionary<Guid, bool> _isSelfTest = [];

    /// <inheritdoc/>
    public void Before(JournalEntry entry)
    {
        if (entry is JobEntry { Job: var job })
        {
            // A job begins with its reservation, what is left of one with its teardown.
            _ = _isSelfTest.TryAdd(job, entry is AccountCreating);
        }

        var seen = Classify(entry);
        _seen[seen] = _seen.GetValueOrDefault(seen) + 1;
        Reach(JournalMoment.Before, entry);
    }

    /// <inheritdoc/>
    public void After(JournalEntry entry) => Reach(JournalMoment.After, entry);

    private (bool IsSelfTest, string Kind) Classify(JournalEntry entry) =>
        (entry is JobEntry { Job: var job } && _isSelfTest[job], JournalPoint.KindOf(entry));

    private void Reach(JournalMoment moment, JournalEntry entry)
    {
        var seen = Classify(entry);
        var here = new JournalPoint(moment, seen.IsSelfTest, seen.Kind, _seen[seen]);
        if (here == plan.Crash)
        {
            // Not Environment.FailFast: nothing of the program may run any more, no handler and no flush.
            Process.GetCurrentProcess().Kill();
        }

        if (here == plan.Fail)
        {
            throw new InvalidOperationException($"failed at {here}");
        }

        if (plan.Hold is var (point, until) && here == point)
        {
            Console.Error.WriteLine($"held at {here}");
            while (!File.Exists(until))
            {
                Task.Delay(Look, TimeProvider.System).GetAwaiter().GetResult();
            }
        }
    }
}
