using System.Diagnostics;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Messages;
using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Soak.Schedules;

/// <summary>Asks a machine what it says about itself, as an operator would, and holds that against what is on it.</summary>
internal sealed class Judge(TrialMachine machine)
{
    private static readonly HttpClient Client = new();

    /// <summary>Fails the schedule unless something holds.</summary>
    /// <exception cref="ScheduleFailedException">It does not.</exception>
    public static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new ScheduleFailedException(otherwise);
        }
    }

    /// <summary>A job has one of the ends that it can have, and whoever reads its report learns why it has another than it asked for.</summary>
    /// <exception cref="ScheduleFailedException">It has not.</exception>
    public static void CheckReport(QueuedJob job, JobView view, JsonNode report)
    {
        var kind = job.Planned.Job.Kind;
        var outcome = report["outcome"]!.GetValue<string>();
        var what = $"'{kind.Name}' ({job.Id}), {view.State} with {view.ExitStatus?.ToString() ?? "no exit status"} at Buildkite, is reported as {report.ToJsonString()}";
        Require(outcome == kind.Outcome || outcome == "NotStarted" || (job.IsCancelled && outcome == "Cancelled"), $"a job ended wrongly: {what}");
        Require(outcome != "NotStarted" || report["why"]?.GetValue<string>() is { Length: > 0 }, $"a job was not run, and nobody learns why: {what}");
        Require(
            report["clean"]!.GetValue<bool>() == (report["remaining"]!.AsArray().Count == 0),
            $"a job's report contradicts itself about what is left: {what}");
    }

    /// <summary>Whether a job would be taken now.</summary>
    public async Task<bool> IsReadyAsync()
    {
        using var answer = await Client.GetAsync(new Uri(machine.Http, "health/ready"));
        var reason = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["reason"]?.GetValue<string>();

        // That look at the accounts may be half a minute old, and no job waits for the next.
        return answer.IsSuccessStatusCode || (reason?.StartsWith("accounts: ", StringComparison.Ordinal) == true && !await IsDirtyAsync());
    }

    /// <summary>Whether the machine says that it is dirty.</summary>
    public async Task<bool> IsDirtyAsync() => JsonNode.Parse((await AskAsync("status", "--json")).Output)!["state"]!.GetValue<string>() == "quarantined";

    /// <summary>Whether everybody who asks learns that the machine is dirty.</summary>
    public async Task<bool> IsKnownToBeDirtyAsync()
    {
        using var answer = await Client.GetAsync(new Uri(machine.Http, "health"));
        var checks = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["checks"]!.AsArray();
        return !answer.IsSuccessStatusCode && checks.Single(check => check!["name"]!.GetValue<string>() == "teardown")!["status"]!.GetValue<string>() == "unhealthy";
    }

    /// <summary>A dirty machine's journal, which doctor reads, says why it is and knows every record that is left.</summary>
    /// <returns>Why.</returns>
    /// <exception cref="ScheduleFailedException">It hides something.</exception>
    public async Task<string> ReasonAsync(Func<IReadOnlyList<string>> records)
    {
        // What was given up on goes on behind and may end meanwhile: what is left afterwards was left before.
        var doctor = JsonNode.Parse((await AskAsync("doctor", "--no-probe", "--json")).Output)!;
        var findings = doctor["findings"]!.AsArray().Where(finding => finding!["check"]!.GetValue<string>() == "leftovers").Select(finding => finding!["what"]!.GetValue<string>()).ToList();
        foreach (var record in records())
        {
            Require(
                findings.Exists(finding => finding.Contains(record, StringComparison.Ordinal)),
                $"{record} is left, but neither journal nor doctor accounts for it: {string.Join("; ", findings)}");
        }

        var reason = findings.Find(finding => finding.StartsWith("the machine is dirty since ", StringComparison.Ordinal));
        Require(reason?.Split(": ", 2) is [_, { Length: > 0 }], $"the machine is dirty, but doctor does not say why: {string.Join("; ", findings)}");
        return reason!.Split(": ", 2)[1];
    }

    /// <summary>Runs a verb of the daemon's program.</summary>
    public async Task<(int ExitCode, string Output)> AskAsync(params string[] verb)
    {
        var start = new ProcessStartInfo(machine.DaemonProgram, [.. verb, "--config", machine.ConfigFile])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Require(output.Length > 0 || await error is { Length: > 0 }, $"macrunners {string.Join(' ', verb)} said nothing");
        return (process.ExitCode, output);
    }
}
