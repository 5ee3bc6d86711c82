using System.Text.Json;

namespace MacRunners.Hosting.Configuration;

/// <summary>Where settings come from, later ones winning: file, environment, command line.</summary>
/// <param name="ConfigFile">The file named by <c>--config</c>; null: <see cref="DefaultFile"/>, if it exists.</param>
/// <param name="Environment">Variables of the process; those that begin with <see cref="Prefix"/> count.</param>
/// <param name="Overrides"><c>--set Section:Key=value</c>, without the flag.</param>
internal sealed record ConfigurationSources(
    string? ConfigFile,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<string> Overrides)
{
    /// <summary>Read unless another is named; it may be absent.</summary>
    public const string DefaultFile = "/opt/macrunners/etc/macrunners.json";

    /// <summary>Beginning of the variables' names; <c>__</c> separates section and key.</summary>
    public const string Prefix = "MACRUNNERS_";

    /// <summary>The environment of this process.</summary>
    public static IReadOnlyDictionary<string, string> ProcessEnvironment() =>
        System.Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");

    /// <summary>The file that is read, absolute; null when there is none.</summary>
    public string? File => ConfigFile is not null ? Path.GetFullPath(ConfigFile) : System.IO.File.Exists(DefaultFile) ? DefaultFile : null;

    /// <summary>Reads everything there is. What cannot be read becomes a fault and is left out.</summary>
    public SourcedConfiguration Read(ICollection<Fault> faults)
    {
        var layers = new List<(string Name, IConfigurationRoot Values)>();
        if (File is not null && ReadFile(File, faults) is { } file)
        {
            layers.Add((File, file));
        }

        layers.Add(("environment " + Prefix + "…", Layer(Environment
            .Where(variable => variable.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(variable => (variable.Key[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal), variable.Value)))));
        layers.Add(("--set", Layer(ReadOverrides(faults))));
        return new SourcedConfiguration(layers);
    }

    private static IConfigurationRoot? ReadFile(string path, ICollection<Fault> faults)
    {
        try
        {
            using var content = System.IO.File.OpenRead(path);
            return new ConfigurationBuilder().AddJsonStream(content).Build();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(new Fault(path, null, "--config", "a file that can be read", $"{e.Message} Create the file or name another one with --config."));
        }
        catch (Exception e) when (e.InnerException is JsonException json)
        {
            faults.Add(SyntaxFault(path, json));
        }
        catch (JsonException e)
        {
            faults.Add(SyntaxFault(path, e));
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            faults.Add(new Fault(path, null, null, "a JSON object in which every key occurs once (upper and lower case count as the same)", e.Message));
        }

        return null;
    }

    private static Fault SyntaxFault(string path, JsonException e)
    {
        // The library counts lines and bytes from zero, editors from one.
        var place = $"line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}";
        var reason = e.Message.Split(" LineNumber:")[0];
        return new Fault(path, null, place, "JSON; comments and trailing commas are fine", $"Correct {place}: {reason}");
    }

    private static IConfigurationRoot Layer(IEnumerable<(string Key, string Value)> values)
    {
        // Names of environment variables may differ in case only; the last one counts.
        var distinct = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in values)
        {
            distinct[key] = value;
        }

        return new ConfigurationBuilder().AddInMemoryCollection(distinct).Build();
    }

    private IEnumerable<(string Key, string Value)> ReadOverrides(ICollection<Fault> faults)
    {
        foreach (var text in Overrides)
        {
            var parts = text.Split('=', 2);
            if (parts.Length == 2 && parts[0].Contains(':'))
            {
                yield return (parts[0].Trim(), parts[1]);
            }
            else
            {
                faults.Add(new Fault("--set", parts[0], "command line", "Section:Key=value", "Write for instance --set Jobs:Slots=2 or --set Buildkite:Tags:0=os=macos."));
            }
        }
    }
}
