namespace MacRunners.Simulator.Agent.Flags;

/// <summary>What a flag takes.</summary>
internal enum FlagKind
{
    Text,
    Switch,
    Number,
    Duration,

    /// <summary>Comma-separated, and may be repeated.</summary>
    List,
}
