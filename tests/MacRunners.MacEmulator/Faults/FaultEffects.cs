namespace MacRunners.MacEmulator.Faults;

/// <summary>What goes wrong in one invocation: all rules that apply, put together, their counters already taken down.</summary>
internal sealed record FaultEffects
{
    internal static readonly FaultEffects None = new();

    internal TimeSpan Delay { get; init; }

    internal bool Hang { get; init; }

    internal TimeSpan LookupLag { get; init; }

    internal bool TccDenied { get; init; }

    internal bool Flake140 { get; init; }

    internal bool Flake140Applied { get; init; }

    internal bool Sigkill { get; init; }

    internal bool SigkillApplied { get; init; }

    internal IReadOnlySet<string> UidTaken { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    internal int? BootoutRc { get; init; }

    internal bool DeleteVolumeBusy { get; init; }

    internal bool SysmondDown { get; init; }

    internal bool CreatehomedirNoop { get; init; }

    internal IReadOnlyList<string> StderrNoise { get; init; } = [];

    internal bool Crlf { get; init; }

    /// <summary>Takes the effects for an invocation.</summary>
    /// <param name="control">Where the rules are.</param>
    /// <param name="tool">Name of the command.</param>
    /// <param name="verb">What it is to do.</param>
    /// <param name="arguments">All its arguments.</param>
    /// <param name="writes">Only writes use up the spurious failures.</param>
    internal static FaultEffects Take(EmulatorControl control, string tool, string verb, IReadOnlyList<string> arguments, bool writes)
    {
        var effects = None;
        control.Change(rules => [.. rules.Select(rule =>
        {
            if (!rule.AppliesTo(tool, verb, arguments))
            {
                return rule;
            }

            // One failure at a time, or k rules would not make k failures.
            var flake = writes && !effects.Flake140 && !effects.Flake140Applied && rule.Flake140 > 0;
            var flakeApplied = writes && !flake && !effects.Flake140 && !effects.Flake140Applied && rule.Flake140Applied > 0;
            var kill = !effects.Sigkill && rule.Sigkill > 0;
            var killApplied = !kill && !effects.Sigkill && !effects.SigkillApplied && rule.SigkillApplied > 0;
            var busy = verb == "deleteVolume" && !effects.DeleteVolumeBusy && rule.DeleteVolumeBusy > 0;
            effects = new FaultEffects
            {
                Delay = effects.Delay + TimeSpan.FromMilliseconds(rule.DelayMs),
                Hang = effects.Hang || rule.Hang,
                LookupLag = effects.LookupLag + TimeSpan.FromMilliseconds(rule.LookupLagMs),
                TccDenied = effects.TccDenied || rule.TccDenied,
                Flake140 = effects.Flake140 || flake,
                Flake140Applied = effects.Flake140Applied || flakeApplied,
                Sigkill = effects.Sigkill || kill,
                SigkillApplied = effects.SigkillApplied || killApplied,
                UidTaken = effects.UidTaken.Concat(rule.UidTaken.Select(uid => $"{uid}")).ToHashSet(StringComparer.Ordinal),
                BootoutRc = effects.BootoutRc ?? rule.BootoutRc,
                DeleteVolumeBusy = effects.DeleteVolumeBusy || busy,
                SysmondDown = effects.SysmondDown || rule.SysmondDown,
                CreatehomedirNoop = effects.CreatehomedirNoop || rule.CreatehomedirNoop,
                StderrNoise = [.. effects.StderrNoise, .. rule.StderrNoise],
                Crlf = effects.Crlf || rule.Crlf,
            };
            return rule with
            {
                Flake140 = rule.Flake140 - (flake ? 1 : 0),
                Flake140Applied = rule.Flake140Applied - (flakeApplied ? 1 : 0),
                Sigkill = rule.Sigkill - (kill ? 1 : 0),
                SigkillApplied = rule.SigkillApplied - (killApplied ? 1 : 0),
                DeleteVolumeBusy = rule.DeleteVolumeBusy - (busy ? 1 : 0),
            };
        })]);
        return effects;
    }
}
