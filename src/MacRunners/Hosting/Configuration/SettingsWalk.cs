using System.Globalization;

namespace MacRunners.Hosting.Configuration;

/// <summary>Looks at each configured key by itself: is it known, does the value parse, does it lie within its limits. Never stops at a fault.</summary>
internal sealed class SettingsWalk(SourcedConfiguration configuration)
{
    private const string Mask = "********";

    /// <summary>All faults of single keys.</summary>
    public IEnumerable<Fault> Faults() => configuration.Values.GetChildren().SelectMany(Section);

    private IEnumerable<Fault> Section(IConfigurationSection section)
    {
        if (!SettingCatalogue.Sections.Contains(section.Key, StringComparer.OrdinalIgnoreCase))
        {
            return [Unknown(section.Key, "section", SettingCatalogue.Sections, Spelling.Nearest(section.Key, SettingCatalogue.Sections))];
        }

        if (section.Value is { Length: > 0 } text)
        {
            return [new Fault(section.Path, text, configuration.SourceOf(section.Path), "an object of settings", $"Write \"{section.Key}\": {{ … }}.")];
        }

        return section.GetChildren().SelectMany(child => Key(section.Key, child));
    }

    private IEnumerable<Fault> Key(string section, IConfigurationSection node)
    {
        var setting = SettingCatalogue.All.FirstOrDefault(candidate => candidate.Key.Equals(node.Path, StringComparison.OrdinalIgnoreCase));
        if (setting is null)
        {
            var siblings = SettingCatalogue.All.Where(candidate => candidate.Section.Equals(section, StringComparison.OrdinalIgnoreCase)).ToArray();
            var name = Spelling.Nearest(node.Key, siblings.Select(candidate => candidate.Name));
            var suggestion = siblings.FirstOrDefault(candidate => candidate.Name == name)
                ?? SettingCatalogue.All.FirstOrDefault(candidate => candidate.Name.Equals(node.Key, StringComparison.OrdinalIgnoreCase));
            return [Unknown(node.Path, "key", siblings.Select(candidate => candidate.Name), suggestion?.Key)];
        }

        return setting switch
        {
            { IsList: true } => Elements(setting, node, index => int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out _)),
            { IsMap: true } => Elements(setting, node, name => name.Length > 0),
            _ => Scalar(setting, node),
        };
    }

    private IEnumerable<Fault> Scalar(Setting setting, IConfigurationSection node)
    {
        if (node.GetChildren().Any())
        {
            yield return Wrong(setting, node.Path, "{…}", "Write a single value, not a list or an object.");
        }
        else if (node.Value is null)
        {
            // JSON null. For settings that have no default it says what leaving the key out says.
            if (setting.Default is not null)
            {
                yield return Wrong(setting, node.Path, "null", LeaveOut(setting));
            }
        }
        else if (!setting.TryParse(node.Value, out var value))
        {
            yield return Wrong(setting, node.Path, node.Value, LeaveOut(setting));
        }
        else
        {
            foreach (var rule in setting.Rules.Where(rule => !rule.IsValid(value)))
            {
                yield return Wrong(setting, node.Path, node.Value, LeaveOut(setting));
            }
        }
    }

    private IEnumerable<Fault> Elements(Setting setting, IConfigurationSection node, Func<string, bool> isName)
    {
        if (node.Value is { Length: > 0 })
        {
            yield return Wrong(setting, node.Path, node.Value, setting.IsList
                ? $"Write a JSON list; with --set one element each, {setting.Key}:0, and in the environment {ConfigurationSources.Prefix}{setting.Section}__{setting.Name}__0."
                : $"Write a JSON object; with --set one entry each, {setting.Key}:NAME, and in the environment {ConfigurationSources.Prefix}{setting.Section}__{setting.Name}__NAME.");
        }

        foreach (var element in node.GetChildren())
        {
            if (!isName(element.Key) || element.Value is null)
            {
                yield return Wrong(setting, element.Path, element.Value, setting.IsList ? "Write a JSON list of texts." : "Write a JSON object of texts.");
            }
        }
    }

    private Fault Unknown(string path, string what, IEnumerable<string> known, string? suggestion) => new(
        path,
        null,
        configuration.SourceOf(path),
        $"a known {what}: {string.Join(", ", known)}",
        suggestion is null ? $"Remove this {what}; nothing reads it." : $"Did you mean {suggestion}?");

    private Fault Wrong(Setting setting, string path, string? value, string remedy) =>
        new(path, value is not null && setting.IsSecret ? Mask : value, configuration.SourceOf(path), setting.Allowed, remedy);

    private static string LeaveOut(Setting setting) =>
        setting.DefaultText.Length == 0 ? "Correct the value or leave the key out." : $"Correct the value, or leave the key out for the default, {setting.DefaultText}.";
}
