using System.Diagnostics;
using System.Text.RegularExpressions;
using MacRunners.Images;
using MacRunners.Tests.Packaging;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Images;

/// <summary>The Packer template, as far as it can be checked without its plugin.</summary>
public sealed partial class PackerTemplateTests
{
    // Of the plugin macstadium-orka 3.1.2, as its source says, and of Packer's SSH communicator. Its documentation names others.
    private static readonly string[] Known =
    [
        "orka_endpoint", "orka_auth_token", "source_image", "image_name", "image_description", "image_force_overwrite", "orka_vm_builder_prefix", "orka_vm_builder_name",
        "orka_vm_builder_namespace", "orka_vm_cpu_core", "orka_vm_tag", "orka_vm_tag_required", "orka_enable_net_boost", "orka_enable_legacy_io", "packer_vm_timeout",
        "packer_push_timeout", "enable_orka_node_ip_mapping", "orka_node_ip_map", "no_create_image", "no_delete_vm", "mock", "ssh_username", "ssh_password",
        "ssh_private_key_file", "ssh_timeout",
    ];

    private static readonly string Folder = RepositoryRoot.PathOf("packaging", "packer");

    private static readonly string Template = File.ReadAllText(Path.Combine(Folder, "macos.pkr.hcl"));

    private static readonly string Variables = File.ReadAllText(Path.Combine(Folder, "variables.pkr.hcl"));

    [Fact]
    public void It_is_formatted() => Packer("fmt", "-check", "-diff", Folder);

    [Fact]
    public void Its_syntax_is_Packer_s()
    {
        // Packer 1.6 knows no required_plugins.
        using var scratch = new Scratch();
        foreach (var file in Directory.EnumerateFiles(Folder).Where(file => Path.GetFileName(file) != "plugins.pkr.hcl"))
        {
            File.Copy(file, scratch[Path.GetFileName(file)]);
        }

        Packer("validate", "-syntax-only", scratch.Folder);
    }

    [Fact]
    public void The_builder_gets_only_arguments_that_it_has()
    {
        var arguments = Arguments().Matches(Source().Match(Template).Groups[1].Value).Select(match => match.Groups[1].Value).ToList();

        Assert.Superset(new HashSet<string> { "orka_endpoint", "orka_auth_token", "source_image" }, arguments.ToHashSet());
        Assert.Empty(arguments.Except(Known));
    }

    [Fact]
    public void Every_variable_that_is_used_is_declared_and_the_other_way_round()
    {
        var used = Used().Matches(Template).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);
        var declared = Declared().Matches(Variables).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal);

        Assert.Equal(declared, used);
    }

    [Theory]
    [InlineData("orka_auth_token")]
    [InlineData("base_password")]
    public void Secrets_are_sensitive(string variable) => Assert.Matches($"variable \"{variable}\" {{[^}}]*sensitive += true", Variables);

    [Fact]
    public void It_makes_the_images_of_the_manifest()
    {
        var allowed = Regex.Match(Variables, @"contains\(\[([^\]]*)\], var\.macos\)").Groups[1].Value;

        Assert.Equal(BuiltInManifest.Value.Images.Select(image => $"\"{image.MacOS}\""), allowed.Split(", "));
    }

    [Theory]
    [InlineData("bun-macos-15-base", true)]
    [InlineData("ghcr.io/macstadium/orka-images/sequoia@sha256:0000000000000000000000000000000000000000000000000000000000000000", true)]
    [InlineData("ghcr.io/macstadium/orka-images/sequoia:latest", false)]
    [InlineData("ghcr.io/macstadium/orka-images/sequoia", false)]
    public void A_base_is_local_or_pinned_by_its_digest(string image, bool isAllowed)
    {
        var pattern = Regex.Match(Variables, "regex\\(\"([^\"]+)\", var\\.source_image\\)").Groups[1].Value;

        Assert.NotEmpty(pattern);
        Assert.Equal(isAllowed, Regex.IsMatch(image, pattern));
    }

    [Fact]
    public void The_files_it_copies_exist() => Assert.All(
        Copied().Matches(Template).Select(match => match.Groups[1].Value), path => Assert.True(Path.Exists(Path.GetFullPath(Path.Combine(Folder, path))), path));

    private static void Packer(params string[] arguments)
    {
        var start = new ProcessStartInfo("packer", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["CHECKPOINT_DISABLE"] = "1";
        using var packer = Process.Start(start)!;
        var error = packer.StandardError.ReadToEndAsync();
        var output = packer.StandardOutput.ReadToEnd();
        packer.WaitForExit();
        Assert.True(packer.ExitCode == 0, output + error.Result);
    }

    [GeneratedRegex("source \"macstadium-orka\" \"image\" {\n(.*?)\n}", RegexOptions.Singleline)]
    private static partial Regex Source();

    [GeneratedRegex("^  ([a-z_]+) *(?:=|{)", RegexOptions.Multiline)]
    private static partial Regex Arguments();

    [GeneratedRegex(@"\bvar\.([a-z_]+)")]
    private static partial Regex Used();

    [GeneratedRegex("^variable \"([a-z_]+)\"", RegexOptions.Multiline)]
    private static partial Regex Declared();

    [GeneratedRegex(@"\$\{path\.root\}/([^""]+)")]
    private static partial Regex Copied();
}
