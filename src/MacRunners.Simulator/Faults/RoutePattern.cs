namespace MacRunners.Simulator.Faults;

/// <summary>A pattern for paths, compared segment by segment.</summary>
internal sealed class RoutePattern
{
    private const string Rest = "**";
    private const string ApiPrefix = "v3";
    private readonly string[] _segments;

    public RoutePattern(string pattern) => _segments = Split(pattern);

    /// <summary>Whether the path fits, with or without the leading <c>/v3</c>.</summary>
    public bool Matches(string path)
    {
        var segments = Split(path);
        return Matches(_segments, segments) || (segments is [ApiPrefix, .. var below] && Matches(_segments, below));
    }

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> path)
    {
        while (pattern is [var expected, .. var nextPattern])
        {
            if (expected == Rest && nextPattern.IsEmpty)
            {
                return true;
            }

            if (path is not [var actual, .. var nextPath] || !Fits(expected, actual))
            {
                return false;
            }

            pattern = nextPattern;
            path = nextPath;
        }

        return path.IsEmpty;
    }

    private static bool Fits(string expected, string actual) =>
        expected == "*" || (expected.StartsWith('{') && expected.EndsWith('}')) || expected.Equals(actual, StringComparison.OrdinalIgnoreCase);

    private static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);
}
