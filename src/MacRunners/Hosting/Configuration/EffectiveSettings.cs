using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MacRunners.Hosting.Configuration;

/// <summary>Every setting as the daemon would use it, for people and scripts; secrets masked.</summary>
internal sealed class EffectiveSettings(ConfigurationAudit audit)
{
    private const string Mask = "********";

    /// <summary>One line each: key, value, source.</summary>
    public string Table()
    {
        var width = SettingCatalogue.All.Max(setting => setting.Key.Length);
        var table = new StringBuilder();
        foreach (var setting in SettingCatalogue.All)
        {
            var source = audit.Configuration.SourceOf(setting.Key) ?? "default";
            table.Append(setting.Key.PadRight(width)).Append("  ").Append(Visible.Text(Shown(setting))).Append("   (").Append(source).Append(")\n");
        }

        return table.ToString();
    }

    /// <summary>In the shape of the configuration file.</summary>
    public string Json()
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            foreach (var section in SettingCatalogue.All.GroupBy(setting => setting.Section))
            {
                writer.WriteStartObject(section.Key);
                foreach (var setting in section)
                {
                    writer.WritePropertyName(setting.Name);
                    Write(writer, setting);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length) + "\n";
    }

    private void Write(Utf8JsonWriter writer, Setting setting)
    {
        switch (Value(setting))
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case string[] list:
                writer.WriteStartArray();
                foreach (var text in Masked(setting, list))
                {
                    writer.WriteStringValue(text);
                }

                writer.WriteEndArray();
                break;
            case Dictionary<string, string> map:
                writer.WriteStartObject();
                foreach (var (name, text) in map)
                {
                    writer.WriteString(name, setting.IsSecret ? Mask : text);
                }

                writer.WriteEndObject();
                break;
            case var other:
                writer.WriteStringValue(Setting.Text(other));
                break;
        }
    }

    private string Shown(Setting setting) => Value(setting) switch
    {
        string[] list => string.Join(", ", Masked(setting, list)),
        Dictionary<string, string> map => string.Join(", ", map.Select(pair => $"{pair.Key}={(setting.IsSecret ? Mask : pair.Value)}")),
        var scalar => Setting.Text(scalar),
    };

    private object? Value(Setting setting) => setting.Read(audit.Settings);

    // A flag that may not be there may be one that carries a token, in the same element or in the next.
    private static IEnumerable<string> Masked(Setting setting, string[] list)
    {
        var hideNext = false;
        foreach (var text in list)
        {
            var isReserved = setting.Key == "Agent:Flags" && ReservedNames.IsReservedFlag(text);
            yield return hideNext && !text.StartsWith('-') ? Mask
                : isReserved && text.Contains('=') ? $"{ReservedNames.FlagName(text)}={Mask}"
                : text;
            hideNext = isReserved;
        }
    }
}
