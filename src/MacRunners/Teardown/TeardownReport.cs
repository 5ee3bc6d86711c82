using MacRunners.Telemetry;

namespace MacRunners.Teardown;

/// <summary>What a teardown found, and how long its steps took. A step that was given up on may still add to it.</summary>
internal sealed class TeardownReport
{
    // A job can leave millions of files; nobody reads more than this of them.
    private const int MostDetails = 200;

    private readonly Lock _gate = new();
    private readonly List<Residue> _found = [];
    private readonly Dictionary<ResidueKind, int> _counts = [];
    private readonly List<Residue> _remaining = [];
    private readonly List<string> _unproven = [];
    private readonly Dictionary<JobPhase, TimeSpan> _phases = [];

    /// <summary>What the job had left behind, the first of it; all removed unless it is in <see cref="Remaining"/>.</summary>
    public IReadOnlyList<Residue> Found => Locked(() => _found.ToList());

    /// <summary>How much of each kind it had left behind.</summary>
    public IReadOnlyDictionary<ResidueKind, int> Counts => Locked(() => _counts.ToDictionary());

    /// <summary>What could not be removed or was found by the proof. Empty: the machine is clean.</summary>
    public IReadOnlyList<Residue> Remaining => Locked(() => _remaining.ToList());

    /// <summary>What the system did not let the proof look at, each with what to grant. It does not count against <see cref="IsClean"/>.</summary>
    public IReadOnlyList<string> Unproven => Locked(() => _unproven.ToList());

    /// <summary>Duration of each step that was reached.</summary>
    public IReadOnlyDictionary<JobPhase, TimeSpan> Phases => Locked(() => _phases.ToDictionary());

    /// <summary>Whether the proof was made and found nothing.</summary>
    public bool IsClean { get; private set; }

    /// <summary>Notes something the job had left behind.</summary>
    public void Add(ResidueKind kind, string detail)
    {
        lock (_gate)
        {
            _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
            if (_found.Count < MostDetails)
            {
                _found.Add(new Residue(kind, detail));
            }
        }
    }

    /// <summary>Notes something that is still there.</summary>
    public void Remains(IEnumerable<Residue> residue)
    {
        lock (_gate)
        {
            _remaining.AddRange(residue.Take(MostDetails));
        }
    }

    /// <summary>Notes something that the system did not let the proof look at.</summary>
    public void CannotProve(string what)
    {
        lock (_gate)
        {
            _unproven.Add(what);
        }
    }

    /// <summary>Notes how long a step took.</summary>
    public void Took(JobPhase phase, TimeSpan duration)
    {
        lock (_gate)
        {
            _phases[phase] = duration;
        }
    }

    /// <summary>The proof was made; clean when nothing remains.</summary>
    public void Proven() => IsClean = Remaining.Count == 0;

    private T Locked<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }
}
