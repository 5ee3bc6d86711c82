using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Bench.Work;

/// <summary>The agent in a loop, one job after another, as a machine without isolation runs it: no account, no teardown, the checkout is kept.</summary>
internal static class BareLoop
{
    private const string Script = """
        count=$1; shift
        for ((i = 0; i < count; i++)); do jobs[i]=$1; shift; done
        for job in "${jobs[@]}"; do "${@/#JOB/$job}" || exit; done
        """;

    /// <summary>Runs jobs of one command.</summary>
    /// <returns>When each agent ran, and when its command began.</returns>
    /// <exception cref="InvalidOperationException">One did not pass.</exception>
    public static async Task<IReadOnlyList<(AgentSpan Agent, DateTimeOffset? CommandAt)>> RunAsync(BenchMachine machine, string command, int count, CancellationToken cancellationToken)
    {
        var jobs = Enumerable.Range(0, count).Select(_ => machine.Cluster.AddJob(new JobSpec { Command = AgentSpan.CommandStamp + command, Queue = Floor.Queue })).ToList();
        var home = machine.FolderFor("bare");
        string[] arguments = [$"{count}", .. jobs, .. machine.AgentCommand("JOB", home, Floor.Queue)];
        var output = await BashScript.RunAsync(Script, arguments, machine.AgentEnvironment(home, "root"), cancellationToken);
        jobs.ForEach(machine.RequirePassed);
        return [.. AgentSpan.Find(output).Zip(jobs, (agent, job) => (agent, AgentSpan.FindCommand(machine.Cluster.ViewJob(job).Log)))];
    }
}
