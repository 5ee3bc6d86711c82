using System.Reflection;
using MacRunners.Hosting.Configuration;
using MacRunners.Settings;

namespace MacRunners.Tests.Hosting;

public sealed class SettingCatalogueTests
{
    [Fact]
    public void Every_property_of_every_section_is_a_documented_setting()
    {
        var declared =
            from section in typeof(DaemonSettings).GetProperties()
            from property in section.PropertyType.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            select $"{section.Name}:{property.Name}";
        Assert.Equal(declared.Order(StringComparer.Ordinal), SettingCatalogue.All.Select(setting => setting.Key).Order(StringComparer.Ordinal));

        var table = SettingsTable.Markdown();
        Assert.All(SettingCatalogue.All, setting =>
        {
            Assert.True(setting.Description.Length > 10, setting.Key);
            Assert.Contains($"| `{setting.Key}` |", table);
        });
    }

    [Fact]
    public void Every_option_class_is_a_section()
    {
        var classes = typeof(DaemonSettings).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(DaemonSettings).Namespace && type.Name.EndsWith("Options", StringComparison.Ordinal));
        Assert.Equal(
            classes.Select(type => type.Name).Order(StringComparer.Ordinal),
            typeof(DaemonSettings).GetProperties().Select(section => section.PropertyType.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_default_lies_within_its_own_limits() => Assert.All(
        SettingCatalogue.All.Where(setting => setting is { IsList: false, IsMap: false, Default: not null }),
        setting =>
        {
            Assert.True(setting.TryParse(setting.DefaultText, out var value), setting.Key);
            Assert.All(setting.Rules, rule => Assert.True(rule.IsValid(value), setting.Key));
        });
}
