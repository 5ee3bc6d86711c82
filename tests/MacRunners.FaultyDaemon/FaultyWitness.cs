using System.Diagnostics;
using MacRunners.Jobs.Journal;

namespace MacRunners.FaultyDaemon;

/// <summary>Kills or holds the daemon where the plan says.</summary>
internal sealed class FaultyWitness(FaultPlan plan) : IJournalWitness
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    // The journal calls its witness one at a time.
    private readonly Dictionary<string, int> _seen = [];

    /// <inheritdoc/>
    public void Before(JournalEntry entry)
    {
        var kind = JournalPoint.KindOf(entry);
        _seen[kind] = _seen.GetValueOrDefault(kind) + 1;
        Reach(JournalMoment.Before, kind);
    }

    /// <inheritdoc/>
    public void After(JournalEntry entry) => Reach(JournalMoment.After, JournalPoint.KindOf(entry));

    private void Reach(JournalMoment moment, string kind)
    {
        var here = new JournalPoint(moment, kind, _seen[kind]);
        if (here == plan.Crash)
        {
            // Not Environment.FailFast: nothing of the program may run any more, no handler and no flush.
            Process.GetCurrentProcess().Kill();
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
