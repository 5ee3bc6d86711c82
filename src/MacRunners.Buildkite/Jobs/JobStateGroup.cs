namespace MacRunners.Buildkite;

/// <summary>What a job state means to a scheduler.</summary>
public enum JobStateGroup
{
    /// <summary>A state this version does not know: neither start nor tear down because of it.</summary>
    Unknown,

    /// <summary>Waits for something other than an agent.</summary>
    NotYetRunnable,

    /// <summary>Waits for an agent, reserved or not.</summary>
    Ready,

    /// <summary>An agent has it.</summary>
    WithAgent,

    /// <summary>Over for good.</summary>
    Final,
}
