namespace MacRunners.Buildkite;

/// <summary>How stubbornly a call is made.</summary>
internal enum CallPolicy
{
    /// <summary>Retried with growing waits: one-off calls whose failure would cost a job.</summary>
    Retried,

    /// <summary>One attempt: calls made in a loop, which is their retry.</summary>
    Once,

    /// <summary>Two short attempts: at shutdown nobody waits long for a courtesy.</summary>
    Hasty,
}
