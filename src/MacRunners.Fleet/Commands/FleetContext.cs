namespace MacRunners.Fleet.Commands;

/// <summary>What verbs take from outside.</summary>
/// <param name="Variable">Reads an environment variable; null or empty means not set.</param>
/// <param name="Output">Results.</param>
/// <param name="Error">Progress, warnings and errors.</param>
/// <param name="Time">Clock.</param>
internal sealed record FleetContext(Func<string, string?> Variable, TextWriter Output, TextWriter Error, TimeProvider Time)
{
    /// <summary>Everything as this process has it.</summary>
    public static FleetContext OfThisProcess { get; } = new(Environment.GetEnvironmentVariable, Console.Out, Console.Error, TimeProvider.System);

    /// <summary>Where the log of a run can be seen, inside a GitHub workflow.</summary>
    public Uri? RunPage => (Variable("GITHUB_SERVER_URL"), Variable("GITHUB_REPOSITORY"), Variable("GITHUB_RUN_ID")) is ({ Length: > 0 } server, { Length: > 0 } repository, { Length: > 0 } run)
        && Uri.TryCreate($"{server}/{repository}/actions/runs/{run}", UriKind.Absolute, out var page) ? page : null;
}
