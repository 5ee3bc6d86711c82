using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MacRunners.Hosting;
using MacRunners.Hosting.Control;

namespace MacRunners.Commands;

/// <summary>Verb <c>status</c>.</summary>
internal static class StatusCommand
{
    private const int RecentShown = 10;

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Write JSON" };
        var command = new Command(
            "status",
            "Shows whether the daemon takes jobs (and why not), the jobs it runs with their phase, the last ones, and every check that is not healthy." + ControlVerb.Talks)
        {
            json,
        };
        return command.On(async (client, parsed, cancellation) =>
        {
            var status = await client.StatusAsync(cancellation);
            Console.Write(parsed.GetValue(json) ? Json(status) : Text(status, TimeProvider.System.GetUtcNow()));
            return ExitCodes.Success;
        });
    }

    /// <summary>Switch of the verbs that change what the status says.</summary>
    public static Option<bool> AsJson() => new("--json") { Description = "Write what `status --json` then says" };

    /// <summary>For programs.</summary>
    public static string Json(StatusDocument status) => JsonSerializer.Serialize(status, ControlJson.Readable.StatusDocument) + "\n";

    /// <summary>For people.</summary>
    public static string Text(StatusDocument status, DateTimeOffset now)
    {
        var text = new StringBuilder();
        Line("host", $"{status.Host}, macrunners {status.Version}, pid {status.Pid}, up {Span(TimeSpan.FromSeconds(status.UptimeSeconds))}");
        Line("health", status.Status);
        Line("state", status.Reason is { } reason ? $"{status.State}: {reason}" : $"{status.State}: takes jobs");
        Line("slots", $"{status.Slots.Busy} of {status.Slots.Total} busy");
        foreach (var check in status.Checks.Where(check => check.Status != "healthy"))
        {
            Line(check.Name, $"{check.Status} for {Span(now - check.Since)}: {check.Detail}. {check.Remedy}");
        }

        foreach (var job in status.Jobs)
        {
            Line("job", $"{job.Id:D}  {job.Phase} for {Span(now - job.PhaseSince)}, here for {Span(now - job.ReservedAt)}");
        }

        foreach (var job in status.Recent.Take(RecentShown))
        {
            var phases = string.Join(' ', job.PhaseSeconds.Select(phase => string.Create(CultureInfo.InvariantCulture, $"{phase.Key} {phase.Value:0.00}")));
            Line("ended", $"{job.Id:D}  {job.Outcome} {Span(now - job.EndedAt)} ago  ({phases} s)");
        }

        return text.ToString();

        void Line(string name, string what) => text.Append(name.PadRight(10)).Append(Visible.Text(what)).Append('\n');
    }

    private static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 0 } => "0 s",
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} d"),
    };
}
