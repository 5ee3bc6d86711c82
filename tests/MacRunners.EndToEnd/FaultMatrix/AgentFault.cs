using MacRunners.Simulator.Faults;

namespace MacRunners.EndToEnd.FaultMatrix;

/// <summary>A way in which an agent goes wrong, and how its job must end.</summary>
/// <param name="Name">Unique in the table.</param>
/// <param name="Outcome">Outcome in the daemon's report.</param>
/// <param name="State">The job's last state at Buildkite.</param>
/// <param name="ExitStatus">Exit status there.</param>
/// <param name="Why">Part of the report's reason; null: there is nothing to say.</param>
internal sealed record AgentFault(string Name, string Outcome, string State, int? ExitStatus, string? Why = null)
{
    private const string Minutes = "Buildkite will declare the agent lost within minutes";
    private const string Forever = "sleep 300";

    /// <summary>What the program at <c>Agent:Path</c> does; <c>$STUB</c> is the stub agent, <c>$GATE</c> a file that appears when the job runs. Null: it is the stub itself.</summary>
    public string? Script { get; init; }

    /// <summary>The job.</summary>
    public string Command { get; init; } = "true";

    /// <summary>A fault of the calls that the agent makes.</summary>
    public FaultSpec? Api { get; init; }

    /// <summary>Signal for the agent alone, once its job runs.</summary>
    public string? Signal { get; init; }

    /// <summary>Whether the job is cancelled at Buildkite once the agent's call has failed.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>Settings on top of the common ones.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>All of them. Agents that crash, hang or are killed before they acquire stand in <see cref="RefusalScenarios"/>.</summary>
    public static IReadOnlyList<AgentFault> All { get; } =
    [
        new("is killed while its job runs", "Lost", "finished", -1, $"exit code 137 while the job is running; {Minutes}")
        {
            Command = Forever,
            Signal = "KILL",
        },
        new("leaves its running job with 1", "Lost", "finished", -1, $"exit code 1 while the job is running; {Minutes}")
        {
            Command = Forever,
            Script = LeaveWhenJobRuns(1),
        },
        new("leaves its running job with 27", "TakenElsewhere", "finished", -1, "another agent has it (running)")
        {
            Command = Forever,
            Script = LeaveWhenJobRuns(27),
        },
        new("leaves its running job with 0", "Lost", "finished", -1, $"exit code 0 while the job is running; {Minutes}")
        {
            Command = Forever,
            Script = LeaveWhenJobRuns(0),
        },
        new("leaves with 27 without having asked", "NotStarted", "finished", -1, "agent exit code 27") { Script = "exit 27" },
        new("leaves with 0 without having asked", "NotStarted", "finished", -1, "exit code 0 before it acquired the job") { Script = "exit 0" },
        new("is refused the job", "NotStarted", "finished", -1, "agent exit code 27")
        {
            Api = new FaultSpec { Route = "/v3/jobs/*/acquire", Status = 422 },
        },
        new("may not register", "NotStarted", "finished", -1, "exit code 1 before it acquired the job")
        {
            Api = new FaultSpec { Route = "/v3/register", Status = 401 },
        },
        new("hangs in acquire", "NotStarted", "finished", -1, "Jobs:StartDeadline")
        {
            Api = new FaultSpec { Route = "/v3/jobs/*/acquire", DelayMs = 600_000 },
            Settings = ShortDeadline,
        },
        new("tries to acquire for ever", "NotStarted", "finished", -1, "Jobs:StartDeadline")
        {
            Api = new FaultSpec { Route = "/v3/jobs/*/acquire", Status = 500 },
            Settings = ShortDeadline,
        },
        new("goes on although its first thread has ended", "NotStarted", "finished", -1, "Jobs:StartDeadline")
        {
            Script = """
                exec python3 -c '
                import ctypes, threading, time
                threading.Thread(target=time.sleep, args=(600,)).start()
                ctypes.CDLL(None).pthread_exit(None)'
                """,
            Settings = ShortDeadline,
        },
        new("tries to finish until the job's limit", "TimedOut", "finished", -1, "Jobs:Timeout")
        {
            Api = new FaultSpec { Route = "/v3/jobs/*/finish", Status = 500 },
            Settings = ShortTimeout,
        },
        new("tries to finish a job that is cancelled", "Cancelled", "canceled", -1)
        {
            Api = new FaultSpec { Route = "/v3/jobs/*/finish", Status = 500 },
            IsCancelled = true,
        },
        new("does not hear that its job is finished", "Finished", "finished", 0)
        {
            Api = new FaultSpec { Route = "/v3/jobs/*/finish", Reset = true, After = true, Count = 1 },
        },
        new("does not leave when its job is over", "Finished", "finished", 0)
        {
            Api = new FaultSpec { Route = "/v3/disconnect", DelayMs = 600_000 },
        },
        new("is a zombie whose parent lives on", "Finished", "finished", 0) { Script = "\"$STUB\" \"$@\" & exec sleep 600" },
        new("is stopped by its job", "TimedOut", "finished", -1, "Jobs:Timeout")
        {
            Command = $"""
                agent=$$; until tr '\0' ' ' < /proc/$agent/cmdline | grep -q 'acquire-job'; do agent=$(awk '/^PPid/ {"{ print $2 }"}' /proc/$agent/status); done
                kill -STOP $agent; {Forever}
                """,
            Settings = ShortTimeout,
        },
        new("does not listen to SIGQUIT", "TimedOut", "finished", -1, "Jobs:Timeout")
        {
            Command = Forever,
            Script = "trap '' QUIT TERM INT; \"$STUB\" \"$@\" & wait",
            Settings = ShortTimeout,
        },
        new("floods its output", "Finished", "finished", 0)
        {
            Script = "yes 'a flood of output' & exec \"$STUB\" \"$@\"",
            Settings = new Dictionary<string, string> { ["Jobs:MaxAgentOutputBytes"] = "4096" },
        },
    ];

    private static Dictionary<string, string> ShortDeadline => new() { ["Jobs:StartDeadline"] = "00:00:02" };

    // Long enough for an agent on a busy machine to have acquired its job.
    private static Dictionary<string, string> ShortTimeout => new() { ["Jobs:Timeout"] = "00:00:12" };

    private static string LeaveWhenJobRuns(int exitCode) => $"\"$STUB\" \"$@\" & until [ -e \"$GATE\" ]; do sleep 0.1; done; exit {exitCode}";
}
