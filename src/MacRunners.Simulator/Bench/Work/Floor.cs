using System.Globalization;
using System.Text.RegularExpressions;
using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Bench.Work;

/// <summary>
/// The least that a throw-away account per job can cost with the system's own tools: <c>useradd -m</c>, the agent under
/// <c>setpriv</c>, <c>pkill -KILL -U</c>, <c>userdel -r</c>. No journal, no sweep, no proof.
/// </summary>
internal sealed partial class Floor(BenchMachine machine)
{
    /// <summary>A queue of its own, so that no daemon takes its jobs.</summary>
    public const string Queue = "floor";

    // Numbers count down from the end of the machine's range, the daemon's up from its beginning. The range is not that of login.defs.
    private const string Script = """
        uid=$1 name=$2 home=$3; shift 3
        t0=$EPOCHREALTIME
        useradd -m -l -K "UID_MAX=$uid" -K "GID_MAX=$uid" -K SUB_UID_COUNT=0 -K SUB_GID_COUNT=0 -u "$uid" -d "$home" -s /bin/bash "$name" || exit
        t1=$EPOCHREALTIME
        setpriv --reuid "$name" --regid "$name" --init-groups -- "$@" || exit
        t2=$EPOCHREALTIME
        pkill -KILL -U "$uid"
        t3=$EPOCHREALTIME
        userdel -r "$name" 2>/dev/null || exit
        t4=$EPOCHREALTIME
        echo "bench-floor $t0 $t1 $t2 $t3 $t4"
        """;

    private uint _uid = machine.Trial.Uids.Last;

    /// <summary>Runs a job that way.</summary>
    /// <exception cref="InvalidOperationException">It did not pass.</exception>
    public async Task<FloorTimes> RunAsync(string command, CancellationToken cancellationToken)
    {
        var (uid, name) = (_uid, $"bench-floor-{_uid}");
        _uid--;
        var home = Path.Combine(machine.FolderFor("floor"), name);
        var job = machine.Cluster.AddJob(new JobSpec { Command = command, Queue = Queue });
        string[] arguments = [uid.ToString(CultureInfo.InvariantCulture), name, home, .. machine.AgentCommand(job, home, Queue)];
        var output = await BashScript.RunAsync(Script, arguments, machine.AgentEnvironment(home, name), cancellationToken);
        machine.RequirePassed(job);
        if (Line.Match(output) is not { Success: true } line || AgentSpan.Find(output) is not [var agent])
        {
            throw new InvalidOperationException($"The floor did not tell its times: {output}");
        }

        var t = line.Groups.Values.Skip(1).Select(time => AgentSpan.Time(time.Value)).ToList();
        return new FloorTimes(Between(0, 1), Between(1, 2), Between(2, 3), Between(3, 4), Between(0, 4) - agent.Milliseconds);

        double Between(int from, int to) => (t[to] - t[from]).TotalMilliseconds;
    }

    [GeneratedRegex(@"bench-floor (\d+\.\d+) (\d+\.\d+) (\d+\.\d+) (\d+\.\d+) (\d+\.\d+)")]
    private static partial Regex Line { get; }
}
