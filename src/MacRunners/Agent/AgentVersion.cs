using System.Text.RegularExpressions;

namespace MacRunners.Agent;

/// <summary>A version of <c>buildkite-agent</c>.</summary>
internal readonly partial record struct AgentVersion(int Major, int Minor, int Patch) : IComparable<AgentVersion>
{
    /// <summary>The oldest version whose flags and signals this daemon knows.</summary>
    public static readonly AgentVersion Oldest = new(3, 87, 0);

    /// <summary>The first version whose flags it does not know.</summary>
    public static readonly AgentVersion TooNew = new(5, 0, 0);

    /// <summary>Whether the daemon can drive this version.</summary>
    public bool IsSupported => CompareTo(Oldest) >= 0 && CompareTo(TooNew) < 0;

    /// <summary>Reads the answer to <c>buildkite-agent --version</c>: <c>buildkite-agent version 3.87.0, build 9266</c>.</summary>
    public static AgentVersion? Parse(string answer)
    {
        var match = Pattern().Match(answer);
        return match.Success
            ? new AgentVersion(Number(match.Groups[1]), Number(match.Groups[2]), Number(match.Groups[3]))
            : null;

        static int Number(Group group) => int.Parse(group.ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public int CompareTo(AgentVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    /// <summary>Whether this version is <paramref name="major"/>.<paramref name="minor"/> or later.</summary>
    public bool IsAtLeast(int major, int minor) => CompareTo(new AgentVersion(major, minor, 0)) >= 0;

    /// <inheritdoc/>
    public override string ToString() => $"{Major}.{Minor}.{Patch}";

    [GeneratedRegex(@"^buildkite-agent version (\d{1,5})\.(\d{1,5})\.(\d{1,5})")]
    private static partial Regex Pattern();
}
