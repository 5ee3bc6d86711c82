using System.Globalization;
using System.Net;
using System.Text;
using MacRunners.Health;
using MacRunners.Telemetry;

namespace MacRunners.Hosting.Http;

/// <summary>The page for people: self-contained, without scripts, fresh every five seconds.</summary>
internal static class StatusPage
{
    private const string Style = """
        body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1c2024;background:#fff}
        h1{font-size:1.4rem}h2{font-size:1.05rem;margin-top:1.8rem}table{border-collapse:collapse;width:100%}
        th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #ddd;vertical-align:top}
        .healthy,.finished{color:#0a7d33}.degraded{color:#8a5a00}.unhealthy,.other{color:#b3261e}.quiet{color:#667}
        .bar{display:flex;height:.9rem;min-width:14rem;background:#eee}.bar span{display:block;min-width:1px}
        .p0{background:#b0b8c4}.p1{background:#8aa4c8}.p2{background:#5f8fc9}.p3{background:#3f7cc0}.p4{background:#2e9e5b}
        .p5{background:#c98f2e}.p6{background:#b9792a}.p7{background:#a66326}.p8{background:#7d4d8f}
        .key span{display:inline-block;padding:0 .5rem;margin-right:.3rem;color:#fff;font-size:.8rem}
        @media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#16181b}th,td{border-color:#333}.bar{background:#333}.quiet{color:#9ab}
        .healthy,.finished{color:#4cc37d}.degraded{color:#e0b050}.unhealthy,.other{color:#f2777a}}
        """;

    /// <summary>Writes the page.</summary>
    public static string Write(StatusView view)
    {
        var health = view.Health();
        var page = new StringBuilder(8 * 1024);
        page.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"5\">")
            .Append("<meta name=\"viewport\" content=\"width=device-width\"><title>").Append(Safe(health.Host)).Append(" · macrunners</title><style>")
            .Append(Style).Append("</style></head><body>")
            .Append("<h1>").Append(Safe(health.Host)).Append(" is <span class=\"").Append(health.Status).Append("\">").Append(health.Status).Append("</span></h1>")
            .Append("<p>macrunners ").Append(Safe(health.Version)).Append(", up ").Append(Duration(TimeSpan.FromSeconds(health.UptimeSeconds)))
            .Append(", dispatcher ").Append(StatusView.Word(view.Dispatcher.State))
            .Append(", ").Append(health.Slots.Busy).Append(" of ").Append(health.Slots.Total).Append(" slots busy</p>");
        Running(page, view);
        Recent(page, view);
        Checks(page, health, view.Now);
        return page.Append("<p class=\"quiet\"><a href=\"/health\">/health</a> · <a href=\"/metrics\">/metrics</a></p></body></html>").ToString();
    }

    private static void Running(StringBuilder page, StatusView view)
    {
        page.Append("<h2>Jobs now</h2>");
        var running = view.Dispatcher.RunningJobs;
        if (running.Count == 0)
        {
            page.Append("<p class=\"quiet\">none</p>");
            return;
        }

        page.Append("<table><tr><th>Job</th><th>Phase</th><th>In this phase</th><th>In its slot</th></tr>");
        foreach (var (job, position) in running.Select((job, position) => (job, position)))
        {
            page.Append("<tr><td>").Append(view.NameOf(job.Id, position)).Append("</td><td>").Append(MetricLabel<JobPhase>.Of(job.Phase))
                .Append("</td><td>").Append(Duration(view.Now - job.PhaseSince)).Append("</td><td>").Append(Duration(view.Now - job.ReservedAt)).Append("</td></tr>");
        }

        page.Append("</table>");
    }

    private static void Recent(StringBuilder page, StatusView view)
    {
        var recent = view.Dispatcher.RecentJobs;
        if (recent.Count == 0)
        {
            return;
        }

        page.Append("<h2>Last jobs</h2><p class=\"key\">");
        foreach (var phase in Enum.GetValues<JobPhase>())
        {
            page.Append("<span class=\"p").Append((int)phase).Append("\">").Append(MetricLabel<JobPhase>.Of(phase)).Append("</span>");
        }

        page.Append("</p><table><tr><th>Job</th><th>Outcome</th><th>Ended</th><th>Took</th><th>Phases</th></tr>");
        foreach (var (job, position) in recent.Select((job, position) => (job, position)))
        {
            var total = job.Phases.Aggregate(TimeSpan.Zero, (sum, phase) => sum + phase.Duration);
            page.Append("<tr><td>").Append(view.NameOf(job.Id, position)).Append("</td><td class=\"").Append(job.Outcome == JobOutcome.Finished ? "finished" : "other").Append("\">")
                .Append(MetricLabel<JobOutcome>.Of(job.Outcome)).Append("</td><td>").Append(Duration(view.Now - job.EndedAt)).Append(" ago</td><td>")
                .Append(Duration(total)).Append("</td><td><div class=\"bar\">");
            foreach (var phase in job.Phases)
            {
                Bar(page, phase, total);
            }

            page.Append("</div></td></tr>");
        }

        page.Append("</table>");
    }

    private static void Bar(StringBuilder page, PhaseDuration phase, TimeSpan total) =>
        page.Append("<span class=\"p").Append((int)phase.Phase).Append("\" style=\"flex:")
            .Append((total > TimeSpan.Zero ? phase.Duration / total : 0).ToString("0.####", CultureInfo.InvariantCulture))
            .Append("\" title=\"").Append(MetricLabel<JobPhase>.Of(phase.Phase)).Append(' ').Append(Duration(phase.Duration)).Append("\"></span>");

    private static void Checks(StringBuilder page, HealthDocument health, DateTimeOffset now)
    {
        page.Append("<h2>Checks</h2><table><tr><th>Check</th><th>Status</th><th>For</th><th>Found</th></tr>");
        foreach (var check in health.Checks)
        {
            page.Append("<tr><td>").Append(Safe(check.Name)).Append("</td><td class=\"").Append(check.Status).Append("\">").Append(check.Status)
                .Append("</td><td>").Append(Duration(now - check.Since)).Append("</td><td>").Append(Safe(check.Detail));
            if (check.Remedy is not null)
            {
                page.Append("<br><b>").Append(Safe(check.Remedy)).Append("</b>");
            }

            page.Append("</td></tr>");
        }

        page.Append("</table>");
    }

    private static string Safe(string text) => WebUtility.HtmlEncode(text);

    private static string Duration(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => $"{Math.Max(0, span.TotalMilliseconds).ToString("0", CultureInfo.InvariantCulture)} ms",
        { TotalMinutes: < 1 } => $"{span.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s",
        { TotalHours: < 1 } => $"{span.Minutes} min {span.Seconds} s",
        { TotalDays: < 1 } => $"{span.Hours} h {span.Minutes} min",
        _ => $"{(int)span.TotalDays} d {span.Hours} h",
    };
}
