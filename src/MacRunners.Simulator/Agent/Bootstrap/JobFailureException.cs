using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent.Bootstrap;

/// <summary>Something in a job went wrong: shown in its log, and the reason for its exit status.</summary>
/// <param name="message">For the log.</param>
/// <param name="exitCode">Exit status it leads to; -1 after a signal.</param>
/// <param name="state">How the child ended, when it is a child's end.</param>
internal sealed class JobFailureException(string message, int exitCode = 1, ExitState? state = null) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public ExitState? State { get; } = state;

    /// <summary>A command that ended otherwise than with 0.</summary>
    public static JobFailureException From(ExitState state, string context = "") =>
        new(context.Length == 0 ? state.ToString() : $"{context}: {state}", state.Status, state);

    /// <summary>The same failure with what was being done.</summary>
    public JobFailureException During(string context) => new($"{context}: {Message}", ExitCode, State);
}
