using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MacRunners.Images;
using MacRunners.Tests.Packaging;
using NJsonSchema;

namespace MacRunners.Tests.Images;

/// <summary>The manifest meets its schema, and one with faults is refused by name.</summary>
public sealed class SoftwareManifestTests
{
    private static readonly string Text = File.ReadAllText(RepositoryRoot.PathOf("packaging", "software", "manifest.json"));

    [Fact]
    public async Task It_meets_its_schema() => Assert.Empty((await SchemaAsync()).Validate(Text));

    [Theory]
    [InlineData("$.software[1].install.downloads.arm64", "sha256", null)]
    [InlineData("$.software[1].install.downloads.arm64", "sha256", "FEE9")]
    [InlineData("$.software[1].install.downloads.arm64", "url", "http://nodejs.org/x")]
    [InlineData("$.software[1].install", "by", "magic")]
    [InlineData("$.software[1]", "version", "latest")]
    [InlineData("$.software[1]", "varsion", "1")]
    public async Task The_schema_refuses(string place, string key, string? value) => Assert.NotEmpty((await SchemaAsync()).Validate(Changed(place, key, value)));

    [Theory]
    [InlineData("$.software[1].install.downloads.arm64", "sha256", null, "sha256")]
    [InlineData("$.software[1].install.downloads.arm64", "url", null, "url")]
    [InlineData("$.software[1].install", "links", null, "links")]
    [InlineData("$.software[1].install", "by", "magic", "magic")]
    [InlineData("$.software[1]", "version", null, "'node': version is missing")]
    [InlineData("$.software[1]", "probe", null, "'node': probe is missing")]
    [InlineData("$.software[1]", "name", "bun", "'bun' is there twice")]
    [InlineData("$.software[1]", "varsion", "1", "varsion")]
    [InlineData("$.software[1].probe", "expects", "(", "'node': probe.expects")]
    [InlineData("$.software[7]", "upstream", "true", "upstream")]
    [InlineData("$.images[0]", "macos", "latest", "'latest' is no major version")]
    public void The_program_refuses_and_names(string place, string key, string? value, string named)
    {
        var refused = Assert.Throws<InvalidDataException>(() => SoftwareManifest.Parse(Changed(place, key, value), "m.json"));

        Assert.Contains("m.json", refused.Message, StringComparison.Ordinal);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$.software[1].install.downloads.arm64", "mirror", "software[1].install.downloads.arm64.mirror")]
    [InlineData("$.software[1].install", "signature", "software[1].install.signature")]
    [InlineData("$.software[1].probe", "within", "software[1].probe.within")]
    [InlineData("$.software[1]", "licence", "software[1].licence")]
    [InlineData("$.images[0]", "until", "images[0].until")]
    [InlineData("$", "schema", "schema")]
    public void A_younger_manifest_s_new_keys_are_left_out_and_named(string place, string key, string named)
    {
        var text = Changed(place, key, "new");

        var (manifest, unknown) = SoftwareManifest.ParseOther(text, "m.json");

        Assert.Equal([named], unknown);
        Assert.Equal(SoftwareRows.Text(BuiltInManifest.Value), SoftwareRows.Text(manifest));
        Assert.Throws<InvalidDataException>(() => SoftwareManifest.Parse(text, "m.json"));
    }

    [Fact]
    public async Task No_part_of_the_schema_has_room_for_a_key_that_is_mistyped()
    {
        Assert.Empty(SoftwareManifest.ParseOther(Text, "m.json").UnknownKeys);

        // Every object of the manifest, one after the other.
        var schema = await SchemaAsync();
        var places = Regex.Matches(Text, @"\{(?=\n)").Select(brace => brace.Index).ToList();
        Assert.All(places, at => Assert.NotEmpty(schema.Validate(Text.Insert(at + 1, "\"mis-typed\": {}, "))));
    }

    [Theory]
    [InlineData("$.software[1].install", "by", "magic", "magic")]
    [InlineData("$.software[1]", "title", null, "title")]
    [InlineData("$.software[1]", "version", null, "'node': version is missing")]
    public void What_a_younger_manifest_must_have_it_must_have_here_too(string place, string key, string? value, string named) =>
        Assert.Contains(named, Assert.Throws<InvalidDataException>(() => SoftwareManifest.ParseOther(Changed(place, key, value), "m.json")).Message, StringComparison.Ordinal);

    [Fact]
    public void The_required_versions_are_there_exactly() => Assert.Equal(
        new Dictionary<string, string> { ["node"] = "24.3.0", ["bun"] = "1.2.17", ["llvm"] = "19.1.7", ["cmake"] = "3.30.5", ["buildkite-agent"] = "3.87.0" },
        BuiltInManifest.Value.Software.Where(item => item.Version is not null).ToDictionary(item => item.Name, item => item.Version!));

    [Fact]
    public void Everything_is_there_or_it_says_why_it_cannot_be()
    {
        Assert.Superset(
            new HashSet<string>
            {
                "command-line-tools", "node", "bun", "llvm", "cmake", "buildkite-agent", "homebrew", "git", "gh", "jq", "python", "go", "rust", "ninja", "ccache", "pkgconf", "age", "tailscale", "docker", "macfuse",
            },
            BuiltInManifest.Value.Software.Select(item => item.Name).ToHashSet());
        Assert.Equal(["docker", "macfuse", "tailscale"], BuiltInManifest.Value.Software.Where(item => item.Unavailable is not null).Select(item => item.Name).Order());
        Assert.All(BuiltInManifest.Value.Software, item => Assert.True(item.Probe is not null || item.Unavailable is not null, item.Name));
    }

    [Fact]
    public void A_version_is_written_once() => Assert.All(
        BuiltInManifest.Value.Software.Where(item => item.Version is not null),
        item => Assert.Single(Regex.Matches(Text, Regex.Escape(item.Version!))));

    [Theory]
    [InlineData("node", "v24.3.0", true)]
    [InlineData("node", "v24.3.1", false)]
    [InlineData("node", "v24.3.0-nightly", false)]
    [InlineData("node", "v24x3x0", false)]
    [InlineData("bun", "1.2.17", true)]
    [InlineData("bun", "1.2.171", false)]
    [InlineData("llvm", "clang version 19.1.7 (https://github.com/llvm/llvm-project.git 19-hash)", true)]
    [InlineData("llvm", "clang version 19.1.6", false)]
    [InlineData("llvm", "clang version 19.1.70", false)]
    [InlineData("llvm", "Apple clang version 19.1.7", false)]
    [InlineData("cmake", "cmake version 3.30.5", true)]
    [InlineData("cmake", "cmake version 3.30.5-rc1", false)]
    [InlineData("buildkite-agent", "buildkite-agent version 3.87.0+8970.abc", true)]
    [InlineData("buildkite-agent", "buildkite-agent version 3.87.0, build 8970", true)]
    [InlineData("buildkite-agent", "buildkite-agent version 3.87.01", false)]
    public void An_exact_version_is_exact(string name, string line, bool matches)
    {
        var item = BuiltInManifest.Value.Software.Single(item => item.Name == name);

        Assert.Equal(matches, Regex.IsMatch(line, item.ExpandPattern(item.Probe!.Expects)));
    }

    [Fact]
    public void What_has_no_checksum_is_not_downloaded_by_the_scripts()
    {
        var rows = SoftwareRows.Text(BuiltInManifest.Value).Split('\n').Where(row => row.Length > 0 && row[0] != '#').Select(row => row.Split('\t')).ToList();

        Assert.All(rows.Where(row => row[0] != "macos"), row => Assert.Equal(10, row.Length));
        Assert.All(rows.SelectMany(row => row), column => Assert.NotEmpty(column));
        Assert.All(rows.Where(row => row[^1].Length > 0 && row.Any(column => column.Contains("://", StringComparison.Ordinal))), row => Assert.Matches("^[0-9a-f]{64}$", row[5]));
        Assert.Equal(2, rows.Count(row => row[0] == "archive" && row[1] == "cmake"));
    }

    private static async Task<JsonSchema> SchemaAsync() =>
        await JsonSchema.FromFileAsync(RepositoryRoot.PathOf("packaging", "software", "manifest.schema.json"), TestContext.Current.CancellationToken);

    private static string Changed(string place, string key, string? value)
    {
        var document = JsonNode.Parse(Text)!;
        var at = document;
        foreach (Match part in Regex.Matches(place, @"\.(\w+)(?:\[(\d+)\])?"))
        {
            at = at[part.Groups[1].Value]!;
            at = part.Groups[2].Success ? at[int.Parse(part.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture)]! : at;
        }

        if (value is null)
        {
            Assert.True(at.AsObject().Remove(key));
        }
        else
        {
            at[key] = value;
        }

        return document.ToJsonString();
    }
}
