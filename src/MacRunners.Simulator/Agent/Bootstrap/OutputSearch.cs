using System.Text;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent.Bootstrap;

/// <summary>Notices whether a phrase goes by in a command's output.</summary>
internal sealed class OutputSearch(OutputSink next, params string[] phrases)
{
    private const int Overlap = 128;
    private readonly HashSet<string> _seen = [];
    private string _tail = "";

    public bool Saw(string phrase) => _seen.Contains(phrase);

    public bool Write(ReadOnlySpan<byte> data)
    {
        var text = _tail + Encoding.Latin1.GetString(data);
        _seen.UnionWith(phrases.Where(phrase => text.Contains(phrase, StringComparison.OrdinalIgnoreCase)));
        _tail = text.Length > Overlap ? text[^Overlap..] : text;
        return next(data);
    }
}
