using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MacRunners.Hosting.Configuration;

namespace MacRunners.Commands;

/// <summary>Verb <c>config</c>: look at the configuration without starting anything.</summary>
internal static class ConfigCommand
{
    /// <summary>The verb and its parts.</summary>
    public static Command Create() => new("config", "Checks, shows and documents the configuration.")
    {
        Validate(),
        Show(),
        Reference(),
    };

    private static Command Validate()
    {
        var flags = new ConfigurationFlags();
        var json = new Option<bool>("--json") { Description = "Write {valid, faults:[{key, value, source, allowed, remedy}]}" };
        var command = new Command(
            "validate",
            "Checks everything `run` would check before it starts and lists all faults at once: unknown keys, values, limits, and whether anyone but root could change a path. Exit codes: 0 no fault, 78 faults.")
        {
            json,
        };
        flags.AddTo(command);
        command.SetAction(parsed =>
        {
            var audit = flags.Audit(parsed, AgentTokenVariable.Take() is not null);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(new ValidationDocument(audit.Faults.Count == 0, audit.Faults), ConfigJson.Readable.ValidationDocument));
            }
            else if (audit.Faults.Count == 0)
            {
                Console.WriteLine("The configuration is valid.");
            }
            else
            {
                Console.Error.Write(Fault.Describe(audit.Faults));
            }

            return audit.Faults.Count == 0 ? ExitCodes.Success : ExitCodes.Configuration;
        });
        return command;
    }

    private static Command Show()
    {
        var flags = new ConfigurationFlags();
        var json = new Option<bool>("--json") { Description = "Write JSON in the shape of the configuration file" };
        var command = new Command(
            "show",
            "Shows every setting as `run` would use it, where it comes from, secrets masked. Exit codes: 0 shown, 78 shown, but there are faults.")
        {
            json,
        };
        flags.AddTo(command);
        command.SetAction(parsed =>
        {
            var audit = flags.Audit(parsed, AgentTokenVariable.Take() is not null);
            var settings = new EffectiveSettings(audit);
            Console.Write(parsed.GetValue(json) ? settings.Json() : settings.Table());
            if (audit.Faults.Count == 0)
            {
                return ExitCodes.Success;
            }

            Console.Error.Write(Fault.Describe(audit.Faults));
            return ExitCodes.Configuration;
        });
        return command;
    }

    private static Command Reference()
    {
        var command = new Command("reference", "Writes the table of all settings (key, kind, default, limits, meaning) as Markdown.");
        command.SetAction(_ =>
        {
            Console.Write(SettingsTable.Markdown());
            return ExitCodes.Success;
        });
        return command;
    }
}

/// <summary>The answer of <c>config validate --json</c>.</summary>
internal sealed record ValidationDocument(bool Valid, IReadOnlyList<Fault> Faults);

/// <summary>How it is written.</summary>
[JsonSerializable(typeof(ValidationDocument))]
internal sealed partial class ConfigJson : JsonSerializerContext
{
    /// <summary>For terminals and scripts, not for web pages: quotes and umlauts stay as they are.</summary>
    public static ConfigJson Readable { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
