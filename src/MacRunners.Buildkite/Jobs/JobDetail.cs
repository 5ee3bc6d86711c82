namespace MacRunners.Buildkite;

/// <summary>What a job will run.</summary>
/// <param name="Env">Environment the pipeline gives it.</param>
/// <param name="Command">Its command; may be empty.</param>
public sealed record JobDetail(IReadOnlyDictionary<string, string> Env, string Command)
{
    /// <summary>Gives sizes only: environment and command may hold secrets.</summary>
    /// <returns>A text that may be logged.</returns>
    public override string ToString() => $"job with {Env.Count} variables and a command of {Command.Length} characters";
}
