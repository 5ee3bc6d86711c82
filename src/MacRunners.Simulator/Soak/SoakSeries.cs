using System.Globalization;

namespace MacRunners.Simulator.Soak;

/// <summary>The figures over time, and whether the daemon grows.</summary>
internal sealed class SoakSeries
{
    private const double Mebibyte = 1024 * 1024;
    private const double Gibibyte = 1024 * Mebibyte;

    // Fewer looks than this say nothing: the first ones are those of a daemon that warms up.
    private const int LeastLooks = 20;

    // What a heap and a pool of threads may do between two collections without being a leak.
    private const double GrowthFactor = 1.2;
    private const double CountAllowance = 8;

    private static readonly Column[] Columns =
    [
        new("memory", " MiB", figures => figures.ResidentBytes / Mebibyte, "0.0", Allowance: 8),
        new("descriptors", "", figures => figures.Descriptors, "0", CountAllowance),
        new("threads", "", figures => figures.Threads, "0", CountAllowance),
        new("accounts", "", figures => figures.Accounts),
        new("groups", "", figures => figures.Groups),
        new("processes", "", figures => figures.Processes),
        new("files", "", figures => figures.Files),
        new("mounts", "", figures => figures.Mounts),
        new("ipc objects", "", figures => figures.Objects),
        new("cgroups", "", figures => figures.ControlGroups),
        new("trash", "", figures => figures.TrashEntries),
        new("free disk", " GiB", figures => figures.FreeBytes / Gibibyte, "0.0"),
    ];

    private readonly List<SoakFigures> _looks = [];

    /// <summary>The last look in one line, for people; empty before the first one.</summary>
    public string Present => _looks is [.., var last] ? string.Join(", ", Columns.Select(column => $"{column.Title} {column.Text(column.Value(last))}")) : "";

    /// <summary>Adds a look.</summary>
    public void Add(SoakFigures figures) => _looks.Add(figures);

    /// <summary>First, median and last of each figure, for people.</summary>
    public IEnumerable<string> Table()
    {
        if (_looks.Count == 0)
        {
            yield break;
        }

        yield return $"{"",-12}{"first",12}{"median",12}{"last",12}";
        foreach (var column in Columns)
        {
            var values = _looks.Select(column.Value).ToList();
            yield return $"{column.Title,-12}{column.Text(values[0]),12}{column.Text(Median(values)),12}{column.Text(values[^1]),12}";
        }
    }

    /// <summary>What of a daemon grew between its second and its last quarter, for people; empty when nothing did.</summary>
    public IEnumerable<string> Growth() =>
        from daemon in _looks.GroupBy(look => look.Daemon)
        let looks = daemon.ToList()
        where looks.Count >= LeastLooks
        let quarter = looks.Count / 4
        from column in Columns
        where column.Allowance is not null
        let before = Median(looks.Skip(quarter).Take(quarter).Select(column.Value))
        let after = Median(looks.TakeLast(quarter).Select(column.Value))
        where after > (before * GrowthFactor) + column.Allowance
        select $"the daemon's {column.Title} grew from {column.Text(before)} to {column.Text(after)} (medians of the second and the last quarter of {looks.Count} looks at process {daemon.Key})";

    private static double Median(IEnumerable<double> values)
    {
        var ordered = values.Order().ToList();
        return ordered[ordered.Count / 2];
    }

    /// <summary>A figure.</summary>
    /// <param name="Title">For people.</param>
    /// <param name="Unit">With a blank before it; empty for a number of things.</param>
    /// <param name="Value">In that unit.</param>
    /// <param name="Format">For people.</param>
    /// <param name="Allowance">By how much it may grow beyond <see cref="GrowthFactor"/>; null: its growth is not the daemon's.</param>
    private sealed record Column(string Title, string Unit, Func<SoakFigures, double> Value, string Format = "0", double? Allowance = null)
    {
        public string Text(double value) => value.ToString(Format, CultureInfo.InvariantCulture) + Unit;
    }
}
