namespace MacRunners.Simulator.Agent.Processes;

/// <summary>How a child ended, decoded from <c>waitpid</c>.</summary>
/// <param name="Status">Exit status; -1 when a signal ended it.</param>
/// <param name="Signal">The signal that ended it, 0 if none.</param>
internal readonly record struct ExitState(int Status, int Signal)
{
    public bool Signaled => Signal != 0;

    public bool Success => Status == 0;

    public static ExitState FromWait(int wait) =>
        (wait & 0x7f) == 0 ? new ExitState((wait >> 8) & 0xff, 0) : new ExitState(-1, wait & 0x7f);

    /// <summary>As the agent's log words it.</summary>
    public override string ToString() => Signaled ? $"signal: {Processes.Signal.Describe(Signal)}" : $"exit status {Status}";
}
