using MacRunners.Simulator.Messages;
using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Faults;

/// <summary>The faults in force, in the order in which they were asked for: the first that fits strikes.</summary>
internal sealed class FaultList
{
    private const string AnyJob = "*";
    private readonly Lock _gate = new();
    private readonly List<Fault> _faults = [];
    private int _lastId;

    /// <summary>Adds a fault and returns its id.</summary>
    public string Add(FaultSpec spec)
    {
        Check(spec);
        lock (_gate)
        {
            var fault = new Fault($"fault-{++_lastId}", spec);
            _faults.Add(fault);
            return fault.Id;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _faults.Clear();
        }
    }

    /// <summary>The fault that strikes this request, counted; null for none. A request that arms a fault is not struck by it.</summary>
    public FaultSpec? Strike(string method, string path)
    {
        lock (_gate)
        {
            var striking = Hit(fault => fault.Pattern is { } pattern
                && (fault.Spec.Method is not { } wanted || wanted.Equals(method, StringComparison.OrdinalIgnoreCase))
                && pattern.Matches(path));
            foreach (var fault in _faults)
            {
                fault.IsArmed |= fault.Trigger?.Matches(path) ?? false;
            }

            return striking;
        }
    }

    /// <summary>Whether issuing an acquisition token for this job is to be refused, counted.</summary>
    public bool RefusesToken(string jobId)
    {
        lock (_gate)
        {
            return Hit(fault => fault.Spec.NotIssued is { } id && (id == AnyJob || id == jobId)) is not null;
        }
    }

    public FaultView[] All()
    {
        lock (_gate)
        {
            return [.. _faults.Select(fault => fault.View())];
        }
    }

    private FaultSpec? Hit(Predicate<Fault> fits)
    {
        if (_faults.Find(fault => fault.IsArmed && fault.Remaining is not 0 && fits(fault)) is not { } fault)
        {
            return null;
        }

        fault.Hits++;
        return fault.Spec;
    }

    private static void Check(FaultSpec spec)
    {
        if ((spec.Route is null) == (spec.NotIssued is null))
        {
            throw RefusedException.Invalid("A fault needs either a route or not_issued");
        }

        if (spec.Route is not null && spec is { Status: null, DelayMs: null, Reset: false, Body: null })
        {
            throw RefusedException.Invalid("A fault of a route needs at least one of status, delay_ms, reset and body");
        }

        if (spec.ArmedBy is not null && spec.Route is null)
        {
            throw RefusedException.Invalid("armed_by goes with a route");
        }

        if (spec.After && !spec.Reset)
        {
            throw RefusedException.Invalid("after goes with reset");
        }

        if (spec.Status is < 200 or > 599 || spec.DelayMs is < 0 || spec.Count is < 1 || spec.RetryAfter is < 0)
        {
            throw RefusedException.Invalid("status lies between 200 and 599, delay_ms and retry_after are not negative, count is positive");
        }
    }

    private sealed class Fault(string id, FaultSpec spec)
    {
        public string Id { get; } = id;

        public FaultSpec Spec { get; } = spec;

        public RoutePattern? Pattern { get; } = spec.Route is { } route ? new RoutePattern(route) : null;

        public RoutePattern? Trigger { get; } = spec.ArmedBy is { } trigger ? new RoutePattern(trigger) : null;

        public bool IsArmed { get; set; } = spec.ArmedBy is null;

        public int Hits { get; set; }

        public int? Remaining => Spec.Count - Hits;

        public FaultView View() => new()
        {
            Id = Id,
            Route = Spec.Route,
            Method = Spec.Method,
            Status = Spec.Status,
            DelayMs = Spec.DelayMs,
            Reset = Spec.Reset,
            After = Spec.After,
            RetryAfter = Spec.RetryAfter,
            Body = Spec.Body,
            NotIssued = Spec.NotIssued,
            ArmedBy = Spec.ArmedBy,
            Remaining = Remaining,
            Hits = Hits,
        };
    }
}
