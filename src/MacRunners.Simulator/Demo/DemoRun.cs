using System.Globalization;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Messages;
using MacRunners.Simulator.State;
using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Demo;

/// <summary>Runs the jobs of the demonstration on a trial machine and shows what became of them.</summary>
internal sealed class DemoRun(TrialOptions options, TextWriter output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly (string Phase, string Title)[] Columns =
        [("account", "account"), ("agentStart", "start"), ("run", "run"), ("kill", "kill"), ("sweep", "sweep"), ("delete", "delete"), ("prove", "prove")];

    private static readonly string[] ShownMetrics = ["macrunners_jobs_total", "macrunners_residue_found_total", "macrunners_dirty"];

    private readonly List<string> _faults = [];

    /// <summary>Runs it.</summary>
    /// <returns>Whether everything went as it should.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        await using var machine = await TrialMachine.CreateAsync(WithShortLimits(options), cancellationToken);
        await output.WriteLineAsync($"""
            MacRunners demo on {(options.Emulator is null ? "native Linux accounts" : "the macOS code over the emulator")}
              folder      {machine.Folder}
              Buildkite   {machine.Buildkite.Endpoint}  (local, strict)
              agent       {options.Agent ?? "the stub agent, as buildkite-agent 3.87.0"}
              daemon      {machine.Http}  (as root)
              fence       {machine.Fence}

            """);
        await machine.StartDaemonAsync(cancellationToken);
        var jobs = DemoJob.All.Select(job => (Job: job, Id: machine.Buildkite.Cluster.AddJob(new JobSpec { Command = job.Command }))).ToList();
        await WaitAsync(machine, jobs, cancellationToken);

        await ShowJobsAsync(machine, jobs);
        await ShowHttpAsync(machine, cancellationToken);
        var exitCode = await machine.StopDaemonAsync(cancellationToken);
        Expect(exitCode == 0, $"the daemon ended with {exitCode} after SIGTERM");
        await ShowProofAsync(machine);

        if (_faults.Count > 0)
        {
            await output.WriteLineAsync($"\nNot as it should be:\n{string.Join('\n', _faults.Select(fault => $"  - {fault}"))}\n\nThe daemon's last lines:");
            await output.WriteLineAsync(string.Join('\n', File.ReadLines(machine.ConsoleLog).TakeLast(40)));
        }

        return _faults.Count == 0;
    }

    private static TrialOptions WithShortLimits(TrialOptions options) => options with
    {
        Settings = new Dictionary<string, string>(options.Settings)
        {
            ["Jobs:Slots"] = "2",
            ["Jobs:Timeout"] = "00:00:08",
            ["Jobs:CancelGrace"] = "00:00:03",
            ["Jobs:UploadGrace"] = "00:00:05",
        },
    };

    private async Task WaitAsync(TrialMachine machine, IReadOnlyList<(DemoJob Job, string Id)> jobs, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var shown = new HashSet<string>();
        var cancelled = new HashSet<string>();
        try
        {
            while (shown.Count < jobs.Count)
            {
                foreach (var (job, id) in jobs.Where(job => !shown.Contains(job.Id)))
                {
                    var view = machine.Buildkite.Cluster.ViewJob(id);
                    if (job.CancelWhenRunning && view.State == "running" && cancelled.Add(id))
                    {
                        _ = machine.Buildkite.Cluster.Cancel(id);
                    }

                    if (machine.Report(id) is { } report)
                    {
                        _ = shown.Add(id);
                        await output.WriteLineAsync($"  [{shown.Count}/{jobs.Count}] {job.Name}: {report["outcome"]}");
                    }
                }

                await Task.Delay(Look, TimeProvider.System, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _faults.Add($"after {Patience.TotalSeconds:0} s only {shown.Count} of {jobs.Count} jobs had ended");
        }
    }

    private async Task ShowJobsAsync(TrialMachine machine, IReadOnlyList<(DemoJob Job, string Id)> jobs)
    {
        await output.WriteLineAsync($"\n{"job",-33}{"outcome",-10}{"exit",4}{string.Concat(Columns.Select(column => $"{column.Title,8}"))}  left  proof");
        foreach (var (job, id) in jobs)
        {
            var view = machine.Buildkite.Cluster.ViewJob(id);
            var report = machine.Report(id);
            await output.WriteLineAsync(Row(job, view, report));
            Check(machine, job, view, report);
        }

        await output.WriteLineAsync($"{"",-47}(phases in ms; left: processes and files that were removed)\n");
    }

    private static string Row(DemoJob job, JobView view, JsonNode? report)
    {
        var phases = Columns.Select(column => report?["phases"]?[column.Phase] is { } seconds
            ? (seconds.GetValue<double>() * 1000).ToString("0", CultureInfo.InvariantCulture)
            : "-");
        return $"{job.Name,-33}{report?["outcome"]?.GetValue<string>() ?? view.State,-10}{view.ExitStatus,4}"
            + string.Concat(phases.Select(phase => $"{phase,8}"))
            + $"{report?["found"]?.AsArray().Count,6}  {(report?["clean"]?.GetValue<bool>() == true ? "clean" : "DIRTY")}";
    }

    private void Check(TrialMachine machine, DemoJob job, JobView view, JsonNode? report)
    {
        var outcome = report?["outcome"]?.GetValue<string>();
        Expect(outcome == job.Outcome, $"'{job.Name}' ended as {outcome ?? "nothing"}, expected {job.Outcome}");
        Expect(
            job.ExitStatus is { } expected ? view.ExitStatus == expected : view.ExitStatus is not (null or 0),
            $"'{job.Name}' has exit status {view.ExitStatus?.ToString(CultureInfo.InvariantCulture) ?? "none"} at Buildkite; its log:\n{view.Log}");
        Expect(report?["clean"]?.GetValue<bool>() == true, $"'{job.Name}' left the machine dirty");
        Expect(!view.Log.Contains(machine.ClusterToken, StringComparison.Ordinal), $"'{job.Name}' saw the cluster token");
        Expect(view.LogComplete, $"the log of '{job.Name}' has gaps");
    }

    private async Task ShowHttpAsync(TrialMachine machine, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = machine.Http };
        using var health = await client.GetAsync("health", cancellationToken);
        var body = JsonNode.Parse(await health.Content.ReadAsStringAsync(cancellationToken))!;
        await output.WriteLineAsync($"/health   {(int)health.StatusCode} {body["status"]}: "
            + string.Join(", ", body["checks"]!.AsArray().Select(check => $"{check!["name"]} {check["status"]}")));
        Expect(health.IsSuccessStatusCode, $"/health answered {(int)health.StatusCode}: {body}");

        await output.WriteLineAsync("/metrics");
        foreach (var line in (await client.GetStringAsync("metrics", cancellationToken)).Split('\n'))
        {
            if (ShownMetrics.Any(name => line.StartsWith(name, StringComparison.Ordinal)) && (!line.EndsWith(" 0", StringComparison.Ordinal) || !line.Contains('{')))
            {
                await output.WriteLineAsync($"          {line}");
            }
        }
    }

    private async Task ShowProofAsync(TrialMachine machine)
    {
        var left = machine.Leftovers();
        await output.WriteLineAsync(left.Count == 0
            ? $"\nproof     no process, account, group, file or mount of uids {machine.Uids.First}-{machine.Uids.Last} is on this machine"
            : $"\nLEFT      {string.Join("\n          ", left)}");
        Expect(left.Count == 0, "the machine is not clean");
    }

    private void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            _faults.Add(otherwise);
        }
    }
}
