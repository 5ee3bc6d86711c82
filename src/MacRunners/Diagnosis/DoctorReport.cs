using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MacRunners.Hosting;

namespace MacRunners.Diagnosis;

/// <summary>What doctor found, for people and scripts.</summary>
/// <param name="Failed">Number of failures.</param>
/// <param name="Warnings">Number of warnings.</param>
/// <param name="Findings">All of them.</param>
internal sealed record DoctorReport(int Failed, int Warnings, IReadOnlyList<DoctorFinding> Findings)
{
    private const string Indent = "                        ";

    /// <summary>Counts.</summary>
    public static DoctorReport Of(IReadOnlyList<DoctorFinding> findings) => new(
        findings.Count(finding => finding.Status == DoctorStatus.Failed), findings.Count(finding => finding.Status == DoctorStatus.Warning), findings);

    /// <summary>One line per finding, its remedy below, and the counts. Text from the machine cannot move the terminal's cursor.</summary>
    public string Table()
    {
        var table = new StringBuilder();
        foreach (var finding in Findings)
        {
            table.Append(Word(finding.Status).PadRight(9)).Append(finding.Check.PadRight(15)).Append(Visible.Text(finding.What)).Append('\n');
            if (finding.Remedy is not null)
            {
                table.Append(Indent).Append("→ ").Append(Visible.Text(finding.Remedy)).Append('\n');
            }
        }

        return table.Append($"\n{Findings.Count - Failed - Warnings} ok, {Warnings} {(Warnings == 1 ? "warning" : "warnings")}, {Failed} failed\n").ToString();
    }

    /// <summary><c>{failed, warnings, findings:[{check, status, what, remedy}]}</c>.</summary>
    public string Json() => JsonSerializer.Serialize(this, DoctorJson.Readable.DoctorReport);

    private static string Word(DoctorStatus status) => status.ToString().ToLowerInvariant();
}

/// <summary>How it is written.</summary>
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class DoctorJson : JsonSerializerContext
{
    /// <summary>For terminals and scripts, not for web pages.</summary>
    public static DoctorJson Readable { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<DoctorStatus>(JsonNamingPolicy.CamelCase) },
    });
}
