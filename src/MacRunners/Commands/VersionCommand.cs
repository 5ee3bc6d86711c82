using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using MacRunners.Hosting;

namespace MacRunners.Commands;

/// <summary>Verb <c>version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Write {version, commit, platform}" };
        var command = new Command("version", "Shows the version, the commit it was built from, and the platform.")
        {
            json,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(
                    new VersionDocument(ProductVersion.Text, ProductVersion.Commit, RuntimeInformation.RuntimeIdentifier), VersionJson.Default.VersionDocument));
                return ExitCodes.Success;
            }

            var commit = ProductVersion.Commit is { } known ? $" ({known})" : "";
            Console.WriteLine($"macrunners {ProductVersion.Text}{commit} {RuntimeInformation.RuntimeIdentifier}");
            return ExitCodes.Success;
        });
        return command;
    }
}

/// <summary>The answer of <c>version --json</c>.</summary>
internal sealed record VersionDocument(string Version, string? Commit, string Platform);

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(VersionDocument))]
internal sealed partial class VersionJson : JsonSerializerContext;
