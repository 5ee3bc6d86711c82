using System.Text;

namespace MacRunners.Telemetry;

/// <summary>The documentation of all metrics, from the families as they are.</summary>
internal static class MetricsTable
{
    /// <summary>A Markdown table: name, kind, labels, meaning.</summary>
    public static string Markdown(IEnumerable<MetricFamily> families)
    {
        var table = new StringBuilder("| Name | Kind | Labels | Meaning |\n| --- | --- | --- | --- |\n");
        foreach (var family in families.OrderBy(family => family.Name, StringComparer.Ordinal))
        {
            table.Append($"| `{family.Name}` | {family.Kind} | {string.Join(", ", family.Labels.Select(label => $"`{label}`"))} | {family.Help} |\n");
        }

        return table.ToString();
    }
}
