namespace MacRunners.Simulator.Agent.Flags;

/// <summary>The agent's configuration file: lines <c>key=value</c>, comments, quotes. It is opened once, so a pipe will do.</summary>
internal sealed class ConfigFile
{
    private ConfigFile(string path, Dictionary<string, string> values)
    {
        Path = path;
        Values = values;
    }

    public string Path { get; }

    public IReadOnlyDictionary<string, string> Values { get; }

    /// <summary>The file named by <c>--config</c>, which must exist, else the first of the usual places that does; null if none.</summary>
    public static ConfigFile? Find(string named)
    {
        if (named.Length > 0)
        {
            var path = AgentPath.Normalize(named);
            return System.IO.Path.Exists(path)
                ? Read(named, path)
                : throw new AgentFailureException($"a configuration file could not be found at: \"{path}\"");
        }

        return UsualPlaces().Where(System.IO.Path.Exists).Select(path => Read(path, path)).FirstOrDefault();
    }

    private static IEnumerable<string> UsualPlaces()
    {
        yield return System.IO.Path.Combine(AgentSelf.Folder, "buildkite-agent.cfg");
        yield return AgentPath.Normalize("$HOME/.buildkite-agent/buildkite-agent.cfg");
        if (OperatingSystem.IsMacOS())
        {
            yield return "/opt/homebrew/etc/buildkite-agent/buildkite-agent.cfg";
        }

        yield return "/usr/local/etc/buildkite-agent/buildkite-agent.cfg";
        yield return "/etc/buildkite-agent/buildkite-agent.cfg";
    }

    private static ConfigFile Read(string shown, string path)
    {
        var values = new Dictionary<string, string>();
        var number = 0;
        try
        {
            using var reader = new StreamReader(path);
            while (reader.ReadLine() is { } line)
            {
                number++;
                var trimmed = line.Trim(' ', '\n', '\t');
                if (trimmed.Length > 0 && trimmed[0] != '#')
                {
                    var (key, value) = ParseLine(line) ?? throw new AgentFailureException(
                        $"loading config file: parsing config line {number}: can't separate key from value, no valid separators (= or :) found");
                    values[key] = value;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentFailureException($"loading config file: opening file {shown}: {e.Message}", inner: e);
        }

        return new ConfigFile(shown, values);
    }

    private static (string Key, string Value)? ParseLine(string line)
    {
        var text = WithoutComment(line);
        var separator = text.IndexOf('=', StringComparison.Ordinal);
        separator = separator < 0 ? text.IndexOf(':', StringComparison.Ordinal) : separator;
        if (separator < 0)
        {
            return null;
        }

        var key = text[..separator];
        key = (key.StartsWith("export", StringComparison.Ordinal) ? key["export".Length..] : key).Trim();
        var value = text[(separator + 1)..].Trim();
        if (value.Count(c => c == '"') == 2 || value.Count(c => c == '\'') == 2)
        {
            value = value.Trim('"', '\'').Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal);
        }

        return (key, value);
    }

    /// <summary>A <c>#</c> inside quotes belongs to the value.</summary>
    private static string WithoutComment(string line)
    {
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '#' && quote == '\0')
            {
                return line[..i];
            }

            if (line[i] is '"' or '\'')
            {
                quote = quote == '\0' ? line[i] : line[i] == quote ? '\0' : quote;
            }
        }

        return line;
    }
}
