using System.Net;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Faults;
using MacRunners.Simulator.Messages;
using MacRunners.Simulator.State;

namespace MacRunners.EndToEnd.FaultMatrix;

/// <summary>Lets one cell of the matrix happen on a worker, which is idle, clean and healthy before and afterwards.</summary>
internal sealed class CellRun(Worker worker, FaultCell cell)
{
    // More than the minute that a refused token costs.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // Provisioning is held open by a token that is asked for again only after so many seconds.
    private const double Hold = 2;
    private const double HoldOverNotice = 4;
    private const double HoldOverHalfTime = 17;

    // Not the daemon's own call: the agent's.
    private const string JobFinishes = "/v3/jobs/*/finish";

    // What a loop with a pause cannot exceed: first looks are quick, then two calls a second and route.
    private const int AtOnce = 5;
    private const int PerSecond = 3;
    private static readonly TimeSpan ClockTick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AlmostAMinute = TimeSpan.FromSeconds(45);

    private readonly string _job = Guid.NewGuid().ToString();
    private readonly string _gate = Path.Combine(worker.Machine.Folder, $"go-{Guid.NewGuid():N}");
    private readonly int _logStart = worker.ConsoleText().Length;
    private readonly RoutePattern _route = new(cell.Call.Route);

    private FaultList Faults => worker.Machine.Buildkite.Faults;

    private string Log => worker.ConsoleText()[_logStart..];

    /// <summary>Settings of the workers.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["Jobs:Slots"] = "2",
        ["Jobs:StartDeadline"] = "00:00:15",
        ["Jobs:StateCheckInterval"] = "00:00:00.5",
        ["Jobs:NotifyAfter"] = "00:00:01",
        ["Buildkite:PollInterval"] = "00:00:00.5",
        ["Buildkite:BusyPollInterval"] = "00:00:01",
        ["Buildkite:RequestTimeout"] = "00:00:02",
        ["Buildkite:Reservation"] = "00:00:30",
        ["Health:PollSilence"] = "00:00:05",
        ["Health:RefreshInterval"] = "00:00:00.2",
    };

    /// <summary>Runs it.</summary>
    public async Task RunAsync()
    {
        await BeReadyAsync();
        worker.Machine.Buildkite.Requests.Clear();
        HoldState();
        Inject();
        await BeginAsync();
        if (cell.Length == FaultLength.UntilSeen)
        {
            await SeeAsync();
            EndFault();
        }

        await UntilAsync(async () => worker.Buildkite.Stacks().Length == 1, "the stack is registered");

        File.Create(_gate).Dispose();
        await CheckEndAsync();
        EndFault();
        await BeReadyAsync();
        await worker.IsCleanAsync();
        CheckLog();
        CheckRequests();
    }

    private static bool IsEnded(JobView job) => job.State is "finished" or "canceled";

    /// <summary>Keeps the machine in the cell's state until the fault has struck.</summary>
    private void HoldState()
    {
        if (cell.State == MachineState.Provisioning && cell.Call != ApiCall.Token)
        {
            var hold = cell.IsRenewal ? HoldOverHalfTime : cell.Call == ApiCall.Notify ? HoldOverNotice : Hold;
            _ = Faults.Add(new FaultSpec { Route = ApiCall.Token.Route, Status = 429, RetryAfter = hold, Count = 1 });
        }

        if (cell is { State: MachineState.TearingDown, Kind.Spec: null })
        {
            _ = Faults.Add(new FaultSpec { Route = ApiCall.States.Route, Status = 429, RetryAfter = Hold, Count = 1, ArmedBy = JobFinishes });
        }

        if (cell.Call == ApiCall.Finish)
        {
            // Once: when its reservation runs out, the job is soon taken again, and then it is to pass.
            _ = Faults.Add(new FaultSpec { NotIssued = "*", Count = 1 });
        }
    }

    private void Inject()
    {
        if (cell.Kind.Spec is not { } spec)
        {
            return;
        }

        _ = Faults.Add(spec(_job) with
        {
            Route = cell.Call.Route,
            Count = cell.Length == FaultLength.Once ? 1 : null,
            ArmedBy = cell.State switch
            {
                MachineState.Provisioning when cell.Call != ApiCall.Token => ApiCall.Reserve.Route,
                MachineState.Running => "/v3/jobs/*/start",
                MachineState.TearingDown when cell.Call != ApiCall.Finish => JobFinishes,
                _ => null,
            },
        });
    }

    /// <summary>Takes the fault away, which must have struck: else the cell would say nothing.</summary>
    private void EndFault()
    {
        if (Injected().Any())
        {
            Assert.True(Strikes() >= cell.Strikes, $"{Strikes()} calls were struck, not {cell.Strikes}");
        }

        Faults.Clear();
    }

    private void Queue(string id) => _ = worker.Buildkite.AddJob(new JobSpec
    {
        Id = id,
        Command = $"until [ -e {_gate} ]; do sleep 0.2; done",
    });

    /// <summary>Brings the machine to where the fault strikes.</summary>
    private async Task BeginAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        switch (cell.State)
        {
            case MachineState.Starting:
                Assert.Equal(0, await worker.Machine.StopDaemonAsync(stop));
                await worker.Machine.StartDaemonAsync(stop);
                Queue(_job);
                break;
            case MachineState.Running when cell.Call == ApiCall.Reserve:
                // The job that is reserved is not the one that runs.
                var other = Guid.NewGuid().ToString();
                Queue(other);
                await worker.StateAsync(other, "running");
                Queue(_job);
                break;
            case MachineState.Stopping:
                Assert.Equal(0, await worker.Machine.StopDaemonAsync(stop));
                EndFault();
                await worker.Machine.StartDaemonAsync(stop);
                Queue(_job);
                break;
            default:
                Queue(_job);
                break;
        }

        if (cell.Call == ApiCall.Register || cell.Kind == FaultKind.StackGone)
        {
            await RemoveStackAsync();
        }
    }

    private async Task RemoveStackAsync()
    {
        switch (cell.State)
        {
            case MachineState.Provisioning:
                await worker.StateAsync(_job, "reserved");
                break;
            case MachineState.Running:
                await worker.StateAsync(_job, "running");
                break;
            case MachineState.TearingDown:
                File.Create(_gate).Dispose();
                await worker.StateAsync(_job, "finished");
                break;
            case MachineState.Starting:
                return;
            default:
                break;
        }

        worker.Buildkite.DeregisterStack(Assert.Single(worker.Buildkite.Stacks()).Key);
    }

    /// <summary>Waits until the fault has struck and shows as it must.</summary>
    private async Task SeeAsync()
    {
        await UntilAsync(async () => Strikes() >= cell.Strikes, $"{cell.Strikes} calls were struck");
        await UntilAsync(
            async () =>
            {
                var ready = (await worker.HealthAsync("health/ready")).Status == HttpStatusCode.OK;
                var (status, body) = await worker.HealthAsync();
                var buildkite = body["checks"]!.AsArray().Single(check => check!["name"]!.GetValue<string>() == "buildkite")!;
                var says = buildkite["detail"]!.GetValue<string>().Contains(cell.Kind.Says, StringComparison.Ordinal);
                return cell.Shows switch
                {
                    Shows.Nothing => ready && status == HttpStatusCode.OK,
                    Shows.NotReady => !ready && says,
                    _ => !ready && status == HttpStatusCode.ServiceUnavailable,
                };
            },
            $"the machine shows {cell.Shows}");
        if (cell.State == MachineState.Idle)
        {
            Assert.Equal("scheduled", worker.Buildkite.ViewJob(_job).State);
        }
    }

    private IEnumerable<FaultView> Injected() => Faults.All().Where(fault => fault.Route == cell.Call.Route);

    private int Strikes() => Injected().Sum(fault => fault.Hits);

    private async Task CheckEndAsync()
    {
        await UntilAsync(async () => worker.Machine.Report(_job) is not null, "the job has a report");
        var report = worker.Machine.Report(_job)!;
        if (cell.End.ThenPasses)
        {
            CheckReport(report);
            EndFault();
            await UntilAsync(async () => worker.Machine.Report(_job)?["outcome"]?.GetValue<string>() == "Finished", "the job has passed at last");
        }
        else
        {
            CheckReport(report);
        }

        await UntilAsync(async () => worker.Buildkite.ViewJobs().All(IsEnded), "all jobs have ended");
        var job = worker.Buildkite.ViewJob(_job);
        Assert.True(cell.End.ExitStatus == job.ExitStatus, $"The job's exit status is {job.ExitStatus}, not {cell.End.ExitStatus}. Its log:\n{job.Log}");
        if (job.ExitStatus == -1)
        {
            Assert.Contains(report["why"]!.GetValue<string>(), job.FinishDetail, StringComparison.Ordinal);
        }
    }

    private void CheckReport(JsonNode report)
    {
        Assert.Equal(cell.End.Outcome, report["outcome"]!.GetValue<string>());
        Assert.True(report["clean"]!.GetValue<bool>());
        if (cell.End.Why is { } why)
        {
            Assert.Contains(why, report["why"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.Contains(cell.Kind.Says, report["why"]!.GetValue<string>(), StringComparison.Ordinal);
        }
        else if (cell.End.Outcome == "Finished")
        {
            Assert.Null(report["why"]);
        }
    }

    private Task BeReadyAsync() => UntilAsync(
        async () => (await worker.HealthAsync("health/ready")).Status == HttpStatusCode.OK
            && (await worker.HealthAsync()).Body["status"]!.GetValue<string>() == "healthy",
        "the machine is healthy and ready");

    private void CheckLog()
    {
        Assert.DoesNotContain("so that it is started afresh", Log, StringComparison.Ordinal);
        if (cell.Logs is { } expected)
        {
            Assert.Contains(
                Log.Split('\n'),
                line => line.Contains(expected, StringComparison.Ordinal) && line.Contains(cell.Kind.Says, StringComparison.Ordinal));
        }
        else
        {
            Assert.DoesNotContain("Deregistering at Buildkite failed", Log, StringComparison.Ordinal);
        }
    }

    /// <summary>No call was repeated without a pause, and none before the time the service had asked for.</summary>
    private void CheckRequests()
    {
        var spec = cell.Kind.Spec?.Invoke(_job);
        var pause = spec?.RetryAfter is { } wait ? TimeSpan.FromSeconds(wait) - ClockTick : cell.IsSlow ? AlmostAMinute : (TimeSpan?)null;
        var routes = worker.Machine.Buildkite.Requests.All("/v3/stacks/").GroupBy(request => (request.Method, request.Path));
        foreach (var requests in routes.Select(route => route.ToList()))
        {
            var limit = AtOnce + (PerSecond * (requests[^1].At - requests[0].At).TotalSeconds);
            Assert.True(requests.Count <= limit, $"{requests[0].Path} was called {requests.Count} times, but at most {limit:0} are no busy loop");

            // The watch over the job may be interrupted by the job's end before it has read the answer.
            var unread = cell is { State: MachineState.TearingDown } && cell.Call == ApiCall.States ? 1 : 0;
            foreach (var (struck, next) in requests.Zip(requests.Skip(1)).Where(_ => _route.Matches(requests[0].Path)))
            {
                Assert.True(
                    pause is null || struck.Status != spec!.Status || next.At - struck.At >= pause || unread-- > 0,
                    $"{next.Path} was called {next.At - struck.At} after an answer {struck.Status} that demands more");
            }
        }
    }

    private Task UntilAsync(Func<Task<bool>> holds, string what) => worker.UntilAsync(holds, what, Patience);
}
