using System.Text.Json;
using System.Text.RegularExpressions;

namespace MacRunners.Fleet.Processes;

/// <summary>What the operator gave a template's variable. An argument <c>-var</c> would silently win over it.</summary>
/// <param name="Value">The value.</param>
/// <param name="Source">A file, or an environment variable.</param>
internal sealed partial record PackerVariable(string Value, string Source)
{
    private const string Prefix = "PKR_VAR_";
    private const string JsonFile = ".json";

    /// <summary>Finds it where Packer does, the last one that sets it: in the environment, beside the template, in files that are named.</summary>
    /// <param name="name">Of the variable.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="template">Folder of the template.</param>
    /// <param name="files">In the order of their arguments.</param>
    /// <returns>Null when nothing sets it.</returns>
    /// <exception cref="InvalidDataException">A file sets it, but not to a plain text.</exception>
    public static PackerVariable? Find(string name, Func<string, string?> environment, string template, IReadOnlyList<string> files)
    {
        var found = environment(Prefix + name) is { Length: > 0 } value ? new PackerVariable(value, Prefix + name) : null;
        return Read(template, files).Aggregate(found, (before, file) => InFile(name, file) switch
        {
            (false, _) => before,
            (true, { } text) => new PackerVariable(text, file),
            _ => throw new InvalidDataException($"{file} sets {name} to something else than a plain text: write \"NAME\" there"),
        });
    }

    /// <summary>The file that sets it, whatever to; null when none does.</summary>
    public static string? FileOf(string name, string template, IReadOnlyList<string> files) => Read(template, files).LastOrDefault(file => InFile(name, file).IsSet);

    private static IEnumerable<string> Read(string template, IReadOnlyList<string> files) =>
        (Directory.Exists(template) ? Directory.EnumerateFiles(template).Where(file => AutomaticFile().IsMatch(file)).Order(StringComparer.Ordinal) : Enumerable.Empty<string>()).Concat(files);

    private static (bool IsSet, string? PlainText) InFile(string name, string file) => file.EndsWith(JsonFile, StringComparison.Ordinal) ? InJson(name, file) : InHcl(name, file);

    private static (bool IsSet, string? PlainText) InHcl(string name, string file)
    {
        var assignment = Assignment().Matches(File.ReadAllText(file)).LastOrDefault(match => match.Groups["name"].Value == name);
        return assignment is null ? (false, null) : (true, PlainText().Match(assignment.Groups["value"].Value) is { Success: true } text ? text.Groups["text"].Value : null);
    }

    private static (bool IsSet, string? PlainText) InJson(string name, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            return document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty(name, out var value) ? (false, null)
                : (true, value.ValueKind == JsonValueKind.String ? value.GetString() : null);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file} is no JSON: {e.Message}", e);
        }
    }

    [GeneratedRegex(@"\.auto\.pkrvars\.(hcl|json)\z")]
    private static partial Regex AutomaticFile();

    [GeneratedRegex(@"^[ \t]*(?<name>[A-Za-z_][\w-]*)[ \t]*=(?<value>[^\r\n]*)", RegexOptions.Multiline)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^\s*""(?<text>[^""\\$%]*)""\s*((#|//).*)?\z")]
    private static partial Regex PlainText();
}
