namespace MacRunners.Telemetry;

/// <summary>How old the cluster token is.</summary>
internal interface ITokenAge
{
    /// <summary>Time since the token was last changed (the file's modification) or, when it came by the environment, since it was read; null without a token.</summary>
    TimeSpan? Age { get; }
}
