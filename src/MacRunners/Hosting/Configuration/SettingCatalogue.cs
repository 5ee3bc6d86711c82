using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using MacRunners.Settings;

namespace MacRunners.Hosting.Configuration;

/// <summary>Every setting there is, read once from the option classes: the audit, <c>config show</c> and the documentation know the same ones.</summary>
internal static class SettingCatalogue
{
    /// <summary>All settings in the order of their declaration.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        .. Section(nameof(DaemonSettings.Buildkite), settings => settings.Buildkite),
        .. Section(nameof(DaemonSettings.Jobs), settings => settings.Jobs),
        .. Section(nameof(DaemonSettings.Agent), settings => settings.Agent),
        .. Section(nameof(DaemonSettings.Accounts), settings => settings.Accounts),
        .. Section(nameof(DaemonSettings.Network), settings => settings.Network),
        .. Section(nameof(DaemonSettings.Teardown), settings => settings.Teardown),
        .. Section(nameof(DaemonSettings.Lifecycle), settings => settings.Lifecycle),
        .. Section(nameof(DaemonSettings.Http), settings => settings.Http),
        .. Section(nameof(DaemonSettings.Health), settings => settings.Health),
        .. Section(nameof(DaemonSettings.Log), settings => settings.Log),
        .. Section(nameof(DaemonSettings.Paths), settings => settings.Paths),
        .. Section(nameof(DaemonSettings.Platform), settings => settings.Platform),
    ];

    /// <summary>Names of the sections.</summary>
    public static IReadOnlyList<string> Sections { get; } = [.. All.Select(setting => setting.Section).Distinct()];

    private static IEnumerable<Setting> Section<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(string name, Func<DaemonSettings, T> section)
        where T : class, new()
    {
        var defaults = new T();
        foreach (var property in typeof(T).GetProperties())
        {
            yield return new Setting(
                name,
                property.Name,
                property.PropertyType,
                property.GetValue(defaults),
                property.GetCustomAttribute<DescriptionAttribute>()?.Description
                    ?? throw new InvalidOperationException($"{typeof(T).Name}.{property.Name} has no description"),
                property.IsDefined(typeof(SecretAttribute)),
                [.. property.GetCustomAttributes<ValidationAttribute>()],
                settings => property.GetValue(section(settings)));
        }
    }
}
