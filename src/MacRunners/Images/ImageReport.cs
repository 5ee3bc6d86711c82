using System.Globalization;
using System.Text;
using MacRunners.Hosting;

namespace MacRunners.Images;

/// <summary>One probe in the report.</summary>
/// <param name="Name">Of the probe.</param>
/// <param name="Passed">False only when something is not as it should be.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Expected">What should have been found; null when it was.</param>
/// <param name="Found">What was found.</param>
/// <param name="Where">File that was looked at.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Detail">All of it in one line.</param>
internal sealed record ProbeResult(string Name, bool Passed, ProbeStatus Status, string? Expected, string Found, string? Where, double Seconds, string Detail)
{
    /// <summary>From what the probe found.</summary>
    public static ProbeResult Of(string name, ProbeFinding finding, TimeSpan time)
    {
        var place = finding.Where is null ? "" : $" ({finding.Where})";
        var detail = finding.Expected is null ? $"{finding.Found}{place}" : $"expected {finding.Expected}, found {finding.Found}{place}";
        return new(name, finding.Status != ProbeStatus.Failed, finding.Status, finding.Expected, finding.Found, finding.Where, Math.Round(time.TotalSeconds, 2), detail);
    }
}

/// <summary>What the verification of an image found, for people and scripts.</summary>
/// <param name="Ok">Probes that found what they should.</param>
/// <param name="Failed">Those that did not.</param>
/// <param name="Skipped">Those that could say nothing here.</param>
/// <param name="Probes">All of them.</param>
internal sealed record ImageReport(int Ok, int Failed, int Skipped, IReadOnlyList<ProbeResult> Probes)
{
    private const int WidthOfStatus = 9;

    /// <summary>Counts.</summary>
    public static ImageReport Of(IReadOnlyList<ProbeResult> probes) => new(
        probes.Count(probe => probe.Status == ProbeStatus.Ok),
        probes.Count(probe => probe.Status == ProbeStatus.Failed),
        probes.Count(probe => probe.Status == ProbeStatus.Skipped),
        probes);

    /// <summary>One line per probe, and the counts. Text of programs cannot move the terminal's cursor.</summary>
    public string Table()
    {
        var table = new StringBuilder();
        var width = Probes.Max(probe => probe.Name.Length) + 2;
        foreach (var probe in Probes)
        {
            var status = probe.Status == ProbeStatus.Failed ? "FAILED" : probe.Status.ToString().ToLowerInvariant();
            table.Append(status.PadRight(WidthOfStatus)).Append(probe.Name.PadRight(width)).Append(CultureInfo.InvariantCulture, $"{probe.Seconds,6:0.00} s  ").Append(Visible.Text(probe.Detail)).Append('\n');
        }

        return table.Append($"\n{Ok} ok, {Failed} failed, {Skipped} skipped\n").ToString();
    }
}
