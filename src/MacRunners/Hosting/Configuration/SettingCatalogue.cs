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
        .. Section<BuildkiteOptions>(nameof(DaemonSettings.Buildkite)),
        .. Section<JobsOptions>(nameof(DaemonSettings.Jobs)),
        .. Section<AgentOptions>(nameof(DaemonSettings.Agent)),
        .. Section<AccountsOptions>(nameof(DaemonSettings.Accounts)),
        .. Section<TeardownOptions>(nameof(DaemonSettings.Teardown)),
        .. Section<LifecycleOptions>(nameof(DaemonSettings.Lifecycle)),
        .. Section<HttpOptions>(nameof(DaemonSettings.Http)),
        .. Section<HealthOptions>(nameof(DaemonSettings.Health)),
        .. Section<LogOptions>(nameof(DaemonSettings.Log)),
        .. Section<PathsOptions>(nameof(DaemonSettings.Paths)),
        .. Section<PlatformOptions>(nameof(DaemonSettings.Platform)),
    ];

    /// <summary>Names of the sections.</summary>
    public static IReadOnlyList<string> Sections { get; } = [.. All.Select(setting => setting.Section).Distinct()];

    private static IEnumerable<Setting> Section<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(string name)
        where T : new()
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
                [.. property.GetCustomAttributes<ValidationAttribute>()]);
        }
    }
}
