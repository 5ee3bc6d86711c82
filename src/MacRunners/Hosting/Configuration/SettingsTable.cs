using System.Text;

namespace MacRunners.Hosting.Configuration;

/// <summary>The documentation of all settings, from the same declarations that are enforced.</summary>
internal static class SettingsTable
{
    /// <summary>A Markdown table: key, kind, default, limits, meaning.</summary>
    public static string Markdown()
    {
        var table = new StringBuilder("| Key | Kind | Default | Limits | Meaning |\n| --- | --- | --- | --- | --- |\n");
        foreach (var setting in SettingCatalogue.All)
        {
            var standard = setting.DefaultText.Length == 0 ? "" : $"`{setting.DefaultText}`";
            table.Append($"| `{setting.Key}` | {Cell(setting.Kind)} | {Cell(standard)} | {Cell(setting.Limits)} | {Cell(setting.Description)} |\n");
        }

        return table.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
