using System.Diagnostics;
using System.Globalization;
using System.Net;
using MacRunners.Simulator.Serve;

namespace MacRunners.EndToEnd.FaultMatrix;

/// <summary>Runs the table of agents that go wrong, each on a worker of its own.</summary>
public abstract class AgentFaultRun : BackgroundRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly Dictionary<string, string> Common = new()
    {
        ["Jobs:CancelGrace"] = "00:00:02",
        ["Jobs:UploadGrace"] = "00:00:02",
        ["Jobs:OutputGrace"] = "00:00:00.5",
        ["Jobs:StateCheckInterval"] = "00:00:00.5",
    };

    // An agent that is not heard of is lost soon, but not because the machine is busy.
    private static readonly SimulatorOptions Buildkite = new() { ClusterTokens = [], HeartbeatIntervalSeconds = 1, LostAgentAfter = TimeSpan.FromSeconds(15) };

    private protected AgentFaultRun(string platform, int workers)
        : base(workers, AgentFault.All.Select(fault => new BackgroundRow(fault.Name, _ => RunAsync(platform, fault))))
    {
    }

    private static async Task<Worker?> RunAsync(string platform, AgentFault fault)
    {
        using var agent = fault.Script is { } script ? new ScriptedAgent("3.87.0", script) : null;
        var settings = Common.Concat(fault.Settings).ToDictionary();
        await using var worker = await Worker.StartAsync(platform, settings, agent?.Path, Buildkite);
        if (fault.Api is { } spec)
        {
            _ = worker.Machine.Buildkite.Faults.Add(spec);
        }

        var id = worker.Queue(fault.Command);
        await HarmAsync(worker, agent, fault, id);
        await UntilAsync(worker, () => worker.Machine.Report(id) is not null, "the job has a report");
        worker.Machine.Buildkite.Faults.Clear();
        await CheckAsync(worker, fault, id);
        return null;
    }

    private static async Task HarmAsync(Worker worker, ScriptedAgent? agent, AgentFault fault, string id)
    {
        if (fault.Signal is { } signal)
        {
            await worker.StateAsync(id, "running");
            using var kill = Process.Start("/bin/kill", ["-s", signal, worker.AgentPid(id).ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        if (agent is not null && fault.Script!.Contains("$GATE", StringComparison.Ordinal))
        {
            await worker.StateAsync(id, "running");
            agent.OpenGate();
        }

        if (fault.IsCancelled)
        {
            await worker.UntilAsync(() => worker.Machine.Buildkite.Faults.All().Single().Hits > 0, "the agent's call has failed");
            _ = worker.Buildkite.Cancel(id);
        }
    }

    private static async Task CheckAsync(Worker worker, AgentFault fault, string id)
    {
        var report = worker.Machine.Report(id)!;
        Assert.True(fault.Outcome == report["outcome"]!.GetValue<string>(), $"The job ended as {report["outcome"]}, not {fault.Outcome}: {report["why"]}\n{worker.ConsoleText()}");
        Assert.True(report["clean"]!.GetValue<bool>());
        if (fault.Why is { } why)
        {
            Assert.Contains(why, report["why"]!.GetValue<string>(), StringComparison.Ordinal);
        }
        else
        {
            Assert.Null(report["why"]);
        }

        // An agent that is gone is declared lost at Buildkite only after a while.
        await UntilAsync(worker, () => worker.Buildkite.ViewJob(id).State == fault.State, $"the job is {fault.State} at Buildkite");
        var job = worker.Buildkite.ViewJob(id);
        Assert.Equal(fault.ExitStatus, job.ExitStatus);
        if (fault.Outcome == "NotStarted")
        {
            Assert.Contains(fault.Why!, job.FinishDetail, StringComparison.Ordinal);
        }

        await worker.UntilAsync(async () => (await worker.HealthAsync("health/ready")).Status == HttpStatusCode.OK, "the slot is free again", Patience);
        await worker.IsCleanAsync();
    }

    private static Task UntilAsync(Worker worker, Func<bool> holds, string what) => worker.UntilAsync(() => Task.FromResult(holds()), what, Patience);
}
