using System.Text.RegularExpressions;
using MacRunners.Hosting.Configuration;
using MacRunners.Images;
using MacRunners.Telemetry;
using MacRunners.Tests.Packaging;
using MacRunners.Tests.Telemetry;

namespace MacRunners.Tests.Documentation;

/// <summary>
/// The tables of README and DEPLOYMENT, and one for scripts, that come from the program itself. <c>make docs</c> runs these tests with <see cref="Renew"/> set: they then write
/// what they would expect.
/// </summary>
public sealed partial class DocumentedTablesTests
{
    private const string Renew = "RENEW_DOCUMENTS";

    [Fact]
    public void The_table_of_settings_is_the_program_s_own() => Check("README.md", "settings", SettingsTable.Markdown());

    [Fact]
    public void The_table_of_metrics_is_the_program_s_own()
    {
        var metrics = new DaemonMetrics("0", "linux");
        AllFamilies.AddTo(metrics);

        Check("README.md", "metrics", MetricsTable.Markdown(metrics.Families.All));
    }

    [Fact]
    public void The_table_of_software_is_the_manifest_s() => Check("README.md", "software", SoftwareTable.Markdown(BuiltInManifest.Value));

    [Fact]
    public void The_table_of_Packer_s_variables_is_the_template_s() => Check("DEPLOYMENT.md", "packer", PackerTable.Markdown());

    [Fact]
    public void What_the_scripts_read_is_the_manifest_s()
    {
        var file = RepositoryRoot.PathOf("packaging", "software", "manifest.tsv");
        var expected = SoftwareRows.Text(BuiltInManifest.Value);
        if (Environment.GetEnvironmentVariable(Renew) is { Length: > 0 })
        {
            File.WriteAllText(file, expected);
        }

        Assert.True(File.ReadAllText(file) == expected, $"{file} is not the manifest's any more: run make docs");
    }

    [Fact]
    public async Task Every_metric_that_is_published_is_one_of_those_documented()
    {
        var metrics = new DaemonMetrics("0", "linux");
        AllFamilies.AddTo(metrics);
        using var text = new MemoryStream();
        await metrics.Registry.CollectAndExportAsTextAsync(text, TestContext.Current.CancellationToken);
        var published = TypeLines().Matches(System.Text.Encoding.UTF8.GetString(text.ToArray())).Select(match => match.Groups[1].Value).ToHashSet();

        // What has labels and happens later is published when it does.
        Assert.Subset(metrics.Families.All.Select(family => family.Name).ToHashSet(), published);
        Assert.Contains("macrunners_host_cpu_seconds_total", published);
        Assert.Contains("macrunners_check_status", published);
    }

    private static void Check(string document, string name, string expected)
    {
        var path = RepositoryRoot.PathOf(document);
        var text = File.ReadAllText(path);
        var table = new Regex($"(?<=<!-- {name}:[^>]*-->\n).*?(?=<!-- /{name} -->)", RegexOptions.Singleline);
        Assert.True(table.IsMatch(text), $"{document} has no place for the table of {name}");
        if (Environment.GetEnvironmentVariable(Renew) is { Length: > 0 } && table.Match(text).Value != expected)
        {
            text = table.Replace(text, expected.Replace("$", "$$", StringComparison.Ordinal), 1);
            File.WriteAllText(path, text);
        }

        Assert.True(table.Match(text).Value == expected, $"The table of {name} in {document} is not the program's any more: run make docs");
    }

    [GeneratedRegex("^# TYPE (\\S+) ", RegexOptions.Multiline)]
    private static partial Regex TypeLines();
}
