using System.Text;

namespace MacRunners.Telemetry;

/// <summary>Label values from enumerations: a closed set by construction.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
internal static class MetricLabel<T>
    where T : struct, Enum
{
    private static readonly Dictionary<T, string> Labels = Enum.GetValues<T>().ToDictionary(value => value, value => SnakeCase(value.ToString()));

    /// <summary>All label values.</summary>
    public static IReadOnlyCollection<string> All => Labels.Values;

    /// <summary><c>AgentStart</c> becomes <c>agent_start</c>.</summary>
    public static string Of(T value) => Labels[value];

    private static string SnakeCase(string name)
    {
        var label = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            _ = char.IsUpper(c) && label.Length > 0 ? label.Append('_').Append(char.ToLowerInvariant(c)) : label.Append(char.ToLowerInvariant(c));
        }

        return label.ToString();
    }
}
