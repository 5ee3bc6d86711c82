using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using MacRunners.Fleet.Versions;

namespace MacRunners.Fleet.Commands;

/// <summary>Flags and formats that several verbs share.</summary>
internal static class ImageFlags
{
    /// <summary>JSON for scripts.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public static Option<bool> AsJson() => new("--json") { Description = "Write JSON." };

    public static Option<string> Family() => new("--family") { Description = "What names of images begin with.", DefaultValueFactory = _ => "bun" };

    public static Option<string> Manifest() => new("--manifest") { Description = "The software manifest.", DefaultValueFactory = _ => ManifestFile.DefaultPath };

    public static Option<string[]> MacOs() => new("--macos") { Description = "Only these versions of macOS, separated by commas or repeated (otherwise all of the manifest)." };

    public static Option<string> Repository() => new("--repository") { Description = "Folder of the git repository.", DefaultValueFactory = _ => "." };

    public static Option<int> Cpu() => Number("--cpu", "Cores of a VM.", 12, least: 1);

    public static Option<double> Memory() => new("--memory") { Description = "Memory of a VM in GiB; 0 leaves it to Orka.", DefaultValueFactory = _ => 32 };

    public static double? MemoryOf(ParseResult parsed, Option<double> option) => parsed.GetValue(option) is > 0 and var memory ? memory : null;

    /// <summary>A whole number within limits.</summary>
    public static Option<int> Number(string name, string description, int value, int least, int most = int.MaxValue)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var number && (number < least || number > most))
            {
                result.AddError($"{name} {number}: give a number from {least}{(most < int.MaxValue ? $" to {most}" : "")}");
            }
        });
        return option;
    }

    /// <summary>A duration such as 90s, 15m, 20h or 7d.</summary>
    public static Option<TimeSpan> Duration(string name, string description, TimeSpan value) => new(name)
    {
        Description = $"{description} For example 90s, 15m, 20h, 7d.",
        DefaultValueFactory = _ => value,
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            var unit = text.Length > 1 ? text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 } : 0;
            if (unit > 0 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0 && number * unit < 1e8)
            {
                return TimeSpan.FromSeconds(number * unit);
            }

            result.AddError($"{name} {text}: give a number with s, m, h or d, for example 20h");
            return TimeSpan.Zero;
        },
    };
}
