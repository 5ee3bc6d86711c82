using System.Globalization;
using System.Text.RegularExpressions;

namespace MacRunners.Simulator.Bench.Work;

/// <summary>From when to when the agent itself ran, by the program that ran it: the same ruler for every way to start one.</summary>
/// <param name="Began">Just before it was executed.</param>
/// <param name="Ended">Just after it had ended.</param>
internal sealed partial record AgentSpan(DateTimeOffset Began, DateTimeOffset Ended)
{
    /// <summary>Stands where the agent is expected; the agent itself is in <see cref="StubFolder"/> beside it.</summary>
    public const string Program = """
        #!/bin/bash
        began=$EPOCHREALTIME
        "${0%/*}/stub/buildkite-agent" "$@"
        code=$?
        [ "$1" != start ] || echo "bench-agent $began $EPOCHREALTIME"
        exit "$code"

        """;

    /// <summary>Folder of the agent.</summary>
    public const string StubFolder = "stub";

    /// <summary>How a command begins whose start is to be known.</summary>
    public const string CommandStamp = """echo "bench-command $EPOCHREALTIME"; """;

    /// <summary>How long it ran.</summary>
    public double Milliseconds => (Ended - Began).TotalMilliseconds;

    /// <summary>All spans in the output of agents, in their order.</summary>
    public static IReadOnlyList<AgentSpan> Find(string output) =>
        [.. AgentLine.Matches(output).Select(match => new AgentSpan(Time(match.Groups[1].Value), Time(match.Groups[2].Value)))];

    /// <summary>When the command of a job began, by the job's log; null when it does not say.</summary>
    public static DateTimeOffset? FindCommand(string log) => CommandLine.Match(log) is { Success: true } match ? Time(match.Groups[1].Value) : null;

    /// <summary>A time as bash writes it: seconds since 1970, with fractions.</summary>
    public static DateTimeOffset Time(string epoch) =>
        DateTimeOffset.UnixEpoch.AddTicks((long)(decimal.Parse(epoch, CultureInfo.InvariantCulture) * TimeSpan.TicksPerSecond));

    [GeneratedRegex(@"bench-agent (\d+\.\d+) (\d+\.\d+)")]
    private static partial Regex AgentLine { get; }

    [GeneratedRegex(@"bench-command (\d+\.\d+)")]
    private static partial Regex CommandLine { get; }
}
