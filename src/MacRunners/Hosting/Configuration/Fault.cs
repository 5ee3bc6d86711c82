using System.Text;

namespace MacRunners.Hosting.Configuration;

/// <summary>One thing that is wrong with the configuration, told so that it can be put right without reading code.</summary>
/// <param name="Key">The setting, <c>Section:Key</c>; or the file, when it cannot be read at all.</param>
/// <param name="Value">What was found there, masked when secret; null when nothing was.</param>
/// <param name="Source">Where the value comes from; null for a default.</param>
/// <param name="Allowed">What would be accepted.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record Fault(string Key, string? Value, string? Source, string Allowed, string Remedy)
{
    /// <summary>What <see cref="Allowed"/> says of a path that others than root could change.</summary>
    public const string SafePath = "a path that root alone can change";

    /// <summary>All faults as one message for people.</summary>
    public static string Describe(IReadOnlyCollection<Fault> faults)
    {
        var text = new StringBuilder();
        text.Append("The configuration has ").Append(faults.Count).AppendLine(faults.Count == 1 ? " fault:" : " faults:");
        foreach (var fault in faults)
        {
            text.AppendLine().Append("  ").Append(fault.Key);
            if (fault.Value is not null)
            {
                text.Append(" = \"").Append(Visible.Text(fault.Value)).Append('"');
            }

            if (fault.Source is not null)
            {
                text.Append("   (").Append(Visible.Text(fault.Source)).Append(')');
            }

            text.AppendLine()
                .Append("    allowed: ").AppendLine(fault.Allowed)
                .Append("    remedy:  ").AppendLine(fault.Remedy);
        }

        return text.ToString();
    }
}
