using System.Text.RegularExpressions;

namespace MacRunners.Simulator.Agent.Flags;

/// <summary>How the agent reads a path of its configuration.</summary>
internal static partial class AgentPath
{
    public static string Normalize(string path)
    {
        if (path.Length == 0)
        {
            return path;
        }

        var expanded = Variable().Replace(path, match => Environment.GetEnvironmentVariable(match.Groups[1].Value + match.Groups[2].Value) ?? "");
        if (expanded == "~" || expanded.StartsWith("~/", StringComparison.Ordinal))
        {
            expanded = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + expanded[1..];
        }

        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(expanded));
    }

    [GeneratedRegex(@"\$(?:\{([^}]*)\}|(\w+))")]
    private static partial Regex Variable();
}
