using System.Globalization;

namespace MacRunners.Platform.MacOS;

/// <summary>Reads what <c>dscl -list</c> and <c>dscl -search</c> print.</summary>
internal static class RecordList
{
    /// <summary>A name per line, or with values: the name padded with blanks, then the value.</summary>
    internal static IReadOnlyList<(string Name, string? Value)> Parse(string output, bool withValues) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => ParseLine(line.TrimEnd('\r'), withValues))];

    /// <summary>The number listed for a name, or null.</summary>
    internal static uint? Id(IReadOnlyList<(string Name, string? Value)> list, string name) =>
        uint.TryParse(list.FirstOrDefault(record => record.Name == name).Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>Names of the records found: <c>NAME TAB TAB KEY = (</c>, values indented, <c>)</c>.</summary>
    internal static IReadOnlyList<string> Matches(string output) =>
        [.. output.Split('\n').Where(line => line.Contains("\t\t", StringComparison.Ordinal)).Select(line => line[..line.IndexOf('\t', StringComparison.Ordinal)])];

    private static (string Name, string? Value) ParseLine(string line, bool withValues)
    {
        // Names may hold blanks themselves, so the last run of them divides.
        var blank = withValues ? line.LastIndexOf(' ') : -1;
        return blank < 0 ? (line, null) : (line[..blank].TrimEnd(' '), line[(blank + 1)..]);
    }
}
