using static MacRunners.EndToEnd.FaultMatrix.ApiCall;
using static MacRunners.EndToEnd.FaultMatrix.FaultKind;
using static MacRunners.EndToEnd.FaultMatrix.FaultLength;
using static MacRunners.EndToEnd.FaultMatrix.MachineState;
using static MacRunners.EndToEnd.FaultMatrix.Shows;

namespace MacRunners.EndToEnd.FaultMatrix;

/// <summary>
/// What becomes of the machine and its job when Buildkite's answers fail: every call of the daemon, in every state in
/// which it is made. A combination that is missing cannot happen, or is made by the same lines of code in the same state
/// as one that is here:
/// <list type="bullet">
/// <item>Registering happens at the start and when the stack is gone, deregistering at the stop, the token is asked for
/// while provisioning, and a job is finished by the daemon only when no agent had it.</item>
/// <item>A minute's pause follows a refused token, so one strike and a lasting refusal are the same to list and reserve.</item>
/// <item>Teardown takes less than a pause between polls; polls that fail from running into teardown stand under running.</item>
/// <item>The answers to finish and deregister have no content, hence none that cannot be read.</item>
/// </list>
/// </summary>
internal static class FaultTable
{
    private static readonly JobEnd Passes = new("Finished", 0);
    private static readonly JobEnd PassesUnasked = new("Finished", 0, "Buildkite could not be asked for the job's state");
    private static readonly JobEnd GetsNoToken = new("NotStarted", -1, "no acquisition token could be had");
    private static readonly JobEnd IsRefusedAToken = new("NotStarted", -1);
    private static readonly JobEnd IsLeftToOthers = new("TakenElsewhere", 0, ThenPasses: true);
    private static readonly JobEnd ReturnsToTheQueue = new("NotStarted", 0, ThenPasses: true);

    private static readonly FaultKind[] NotUnauthorized = [.. Passing, Truncated, WrongTypes];
    private static readonly FaultKind[] WithoutContent = [.. Passing, Unauthorized, NotFound];
    private static readonly FaultKind[] SoonOver = [RateLimited, Error, Unavailable, Reset, Stall];

    /// <summary>All cells.</summary>
    public static IReadOnlyList<FaultCell> Cells { get; } =
    [
        .. Each(Starting, Register, [Reset, Unauthorized], UntilSeen, NotReady, Passes),

        .. Each(Idle, Register, All, Once, Nothing, Passes),
        .. Each(Idle, Register, [Reset, .. Lasting], UntilSeen, NotReady, Passes),
        .. Each(Idle, List, NotUnauthorized, Once, Nothing, Passes),
        .. Each(Idle, List, All, UntilSeen, Unhealthy, Passes),
        .. Each(Idle, List, [LongStall], Once, Nothing, Passes),
        .. Each(Idle, List, [StackGone], Once, Nothing, Passes),
        .. Each(Idle, Reserve, NotUnauthorized, Once, Nothing, Passes),
        .. Each(Idle, Reserve, [LongStall], Once, Nothing, Passes),
        .. Each(Idle, Reserve, All, UntilSeen, NotReady, Passes),
        .. Each(Idle, Reserve, [NotFound, NotReserved, AnswerLost], Once, Nothing, Passes),
        .. Each(Idle, Every, Away, UntilSeen, Unhealthy, Passes),

        .. Each(Provisioning, List, All, UntilSeen, NotReady, Passes),
        .. Each(Provisioning, List, [StackGone], Once, Nothing, Passes),
        .. Each(Provisioning, Reserve, All, UntilSeen, Nothing, Passes),
        .. Each(Provisioning, Reserve, [NotFound, AnswerLost], Once, Nothing, Passes),
        .. Each(Provisioning, Reserve, [NotReserved], Once, Nothing, IsLeftToOthers),
        .. Each(Provisioning, Token, Passing, Once, Nothing, Passes),
        .. Each(Provisioning, Token, [LongStall], Once, Nothing, Passes),
        .. Each(Provisioning, Token, Lasting, Once, Nothing, GetsNoToken),
        .. Each(Provisioning, Token, All, UntilGivenUp, Nothing, GetsNoToken),
        .. Each(Provisioning, Token, [NotFound], UntilGivenUp, Nothing, GetsNoToken),
        .. Each(Provisioning, States, [.. All, NotFound], UntilSeen, Nothing, Passes),
        .. Each(Provisioning, States, [WithAnotherAgent], Once, Nothing, IsLeftToOthers),
        .. Each(Provisioning, Notify, [.. All, NotFound], UntilSeen, Nothing, Passes),
        .. Each(Provisioning, Every, Away, UntilSeen, NotReady, Passes),

        .. Each(Running, Register, All, Once, Nothing, Passes),
        .. Each(Running, Register, [Reset, .. Lasting], UntilSeen, NotReady, Passes),
        .. Each(Running, List, All, UntilSeen, NotReady, Passes),
        .. Each(Running, List, [StackGone], Once, Nothing, Passes),
        .. Each(Running, Reserve, All, UntilSeen, NotReady, Passes),
        .. Each(Running, Reserve, [NotFound, NotReserved, AnswerLost], Once, Nothing, Passes),
        .. Each(Running, States, [.. All, NotFound], UntilSeen, Nothing, Passes),
        .. Each(Running, Every, Away, UntilSeen, NotReady, Passes),
        .. Each(Running, EveryAndTheAgents, Away, UntilSeen, NotReady, Passes),

        .. Each(TearingDown, States, Passing, Once, Nothing, Passes),
        .. Each(TearingDown, States, [.. All, NotFound], UntilGivenUp, Nothing, PassesUnasked),
        .. Each(TearingDown, States, [LongStall], Once, Nothing, Passes),
        .. Each(TearingDown, States, [StackGone], Once, Nothing, Passes),
        .. Each(TearingDown, Finish, [.. Passing, AnswerLost], Once, Nothing, IsRefusedAToken),
        .. Each(TearingDown, Finish, [LongStall], Once, Nothing, IsRefusedAToken),
        .. Each(TearingDown, Finish, WithoutContent, UntilGivenUp, Nothing, ReturnsToTheQueue, "its reservation will expire and it returns to the queue"),
        .. Each(TearingDown, Every, Away, UntilGivenUp, Nothing, PassesUnasked),

        .. Each(Stopping, Deregister, SoonOver, Once, Nothing, Passes),
        .. Each(Stopping, Deregister, [RateLimitedFor, UnavailableFor], Once, Nothing, Passes, "Deregistering at Buildkite failed"),
        .. Each(Stopping, Deregister, WithoutContent, UntilGivenUp, Nothing, Passes, "Deregistering at Buildkite failed"),
    ];

    private static IEnumerable<FaultCell> Each(
        MachineState state, ApiCall call, IReadOnlyList<FaultKind> kinds, FaultLength length, Shows shows, JobEnd end, string? logs = null) =>
        kinds.Select(kind => new FaultCell(state, call, kind, length, shows, end, logs));
}
