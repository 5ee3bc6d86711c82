using System.Text.Json.Nodes;

namespace MacRunners.Simulator.Bench.Figures;

/// <summary>All figures in the order in which they were measured, by chapter; for people, for a document, for a program.</summary>
internal sealed class FigureSheet
{
    private const int Decimals = 4;

    private readonly List<(string Chapter, List<Figure> Figures)> _chapters = [];
    private readonly HashSet<string> _keys = [];

    /// <summary>Begins a chapter; figures that follow belong to it.</summary>
    public void Begin(string chapter) => _chapters.Add((chapter, []));

    /// <summary>Adds a figure to the present chapter.</summary>
    /// <exception cref="InvalidOperationException">It is no number, or there is one of that name.</exception>
    public void Add(string key, string title, double value, string unit, Aim? aim = null)
    {
        if (!double.IsFinite(value) || !_keys.Add(key))
        {
            throw new InvalidOperationException($"The figure {key} was measured as {value}, or twice");
        }

        _chapters[^1].Figures.Add(new Figure(key, title, Math.Round(value, Decimals), unit, aim));
    }

    /// <summary>Aligned columns.</summary>
    public IEnumerable<string> Table()
    {
        var all = _chapters.SelectMany(chapter => chapter.Figures).ToList();
        var title = all.Select(figure => figure.Title.Length).DefaultIfEmpty().Max();
        var value = all.Select(figure => figure.Text.Length).DefaultIfEmpty().Max();
        var aim = all.Select(figure => figure.AimText.Length).DefaultIfEmpty().Max();
        foreach (var (chapter, figures) in _chapters)
        {
            yield return "";
            yield return chapter;
            foreach (var figure in figures)
            {
                yield return $"  {figure.Title.PadRight(title)}  {figure.Text.PadLeft(value)}  {figure.AimText.PadRight(aim)}  {figure.Verdict}".TrimEnd();
            }
        }
    }

    /// <summary>A table for a document.</summary>
    public IEnumerable<string> Markdown()
    {
        yield return "| Figure | Measured | Aim | |";
        yield return "| --- | ---: | --- | --- |";
        foreach (var (chapter, figures) in _chapters)
        {
            yield return $"| **{chapter}** | | | |";
            foreach (var figure in figures)
            {
                yield return $"| {figure.Title} | {figure.Text} | {figure.AimText} | {figure.Verdict} |";
            }
        }
    }

    /// <summary>One flat object, numbers only.</summary>
    public string Json()
    {
        var json = new JsonObject();
        foreach (var figure in _chapters.SelectMany(chapter => chapter.Figures))
        {
            json[figure.Key] = figure.Value;
        }

        return json.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    /// <summary>How many aims there are, and how many of them are met.</summary>
    public (int Met, int All) Aims()
    {
        var aims = _chapters.SelectMany(chapter => chapter.Figures).Where(figure => figure.Aim is not null).ToList();
        return (aims.Count(figure => figure.Aim!.IsMetBy(figure.Value)), aims.Count);
    }
}
