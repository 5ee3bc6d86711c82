namespace MacRunners.EndToEnd.FaultMatrix;

/// <summary>What the machine is doing when the fault begins.</summary>
internal enum MachineState
{
    /// <summary>The daemon starts.</summary>
    Starting,

    /// <summary>It has no job.</summary>
    Idle,

    /// <summary>A job is reserved, and no agent has it yet.</summary>
    Provisioning,

    /// <summary>A job runs.</summary>
    Running,

    /// <summary>The job is over: its truth is learned and its place cleaned.</summary>
    TearingDown,

    /// <summary>The daemon stops.</summary>
    Stopping,
}

/// <summary>How long the fault lasts.</summary>
internal enum FaultLength
{
    /// <summary>One call is struck.</summary>
    Once,

    /// <summary>Until it was seen from outside, see <see cref="FaultCell.Shows"/>; the job, if there is one, waits for that.</summary>
    UntilSeen,

    /// <summary>Until the daemon has given up what it tried.</summary>
    UntilGivenUp,
}

/// <summary>What <c>/health</c> and <c>/health/ready</c> say while the fault lasts.</summary>
internal enum Shows
{
    /// <summary>Healthy and ready: the fault does not keep the machine from taking jobs.</summary>
    Nothing,

    /// <summary>Not ready, with the reason.</summary>
    NotReady,

    /// <summary>Not ready with the reason, and unhealthy when it lasts.</summary>
    Unhealthy,
}

/// <summary>How a job ends.</summary>
/// <param name="Outcome">Outcome in the daemon's report.</param>
/// <param name="ExitStatus">Exit status at Buildkite.</param>
/// <param name="Why">Part of the report's reason, which then also explains the fault; null: there is nothing to say.</param>
/// <param name="ThenPasses">Buildkite gives the job out again once the reservation has run out, and then it passes.</param>
internal sealed record JobEnd(string Outcome, int? ExitStatus, string? Why = null, bool ThenPasses = false);

/// <summary>One cell of the matrix.</summary>
/// <param name="State">What the machine is doing.</param>
/// <param name="Call">Which call fails.</param>
/// <param name="Kind">How it fails.</param>
/// <param name="Length">How long.</param>
/// <param name="Shows">What is seen meanwhile.</param>
/// <param name="End">How the job ends.</param>
/// <param name="Logs">Part of a line that the daemon must have logged, which also explains the fault; null: none.</param>
internal sealed record FaultCell(MachineState State, ApiCall Call, FaultKind Kind, FaultLength Length, Shows Shows, JobEnd End, string? Logs)
{
    /// <summary>Unique in the table.</summary>
    public string Name => $"{State}, {Call.Name}, {Kind.Name}, {Length}";

    /// <summary>Whether the daemon leaves its loop for a minute: a refused token is not tried again soon.</summary>
    public bool IsSlow => Kind == FaultKind.Unauthorized && (Call == ApiCall.List || (Call == ApiCall.Reserve && State != MachineState.Provisioning));

    /// <summary>Calls that must be struck at least before the fault counts as seen.</summary>
    public int Strikes => Kind.Spec is null ? 0 : Length != FaultLength.UntilSeen || IsSlow || IsRenewal || Call == ApiCall.Notify ? 1 : 2;

    /// <summary>A reservation that is extended, as the account takes long.</summary>
    public bool IsRenewal => State == MachineState.Provisioning && Call == ApiCall.Reserve;

    /// <summary>Whether the daemon has its default limits instead of the matrix's short ones.</summary>
    public bool HasDefaultLimits => Kind == FaultKind.LongStall;

    /// <summary>Seconds it takes, roughly: what takes long begins first.</summary>
    public int Cost => IsSlow || HasDefaultLimits ? 70 : Length == FaultLength.UntilGivenUp || End.ThenPasses ? 30 : IsRenewal ? 15 : Shows == Shows.Unhealthy ? 10 : 3;
}
