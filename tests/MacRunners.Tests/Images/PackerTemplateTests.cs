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

    private static readonly HclBlock Template = HclBlock.Parse(File.ReadAllText(Path.Combine(Folder, "macos.pkr.hcl")));

    private static readonly IReadOnlyDictionary<string, HclBlock> Variables = HclBlock.Parse(File.ReadAllText(Path.Combine(Folder, "variables.pkr.hcl")))
        .Of("variable").ToDictionary(variable => variable.Labels.Single());

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
        var source = Assert.Single(Template.Of("source"));

        Assert.Equal(["macstadium-orka", "image"], source.Labels);
        Assert.Superset(new HashSet<string> { "orka_endpoint", "orka_auth_token", "source_image" }, source.Attributes.Keys.ToHashSet());
        Assert.Empty(source.Attributes.Keys.Concat(source.Blocks.Select(block => block.Type)).Except(Known));
        Assert.Equal("[\"source.macstadium-orka.image\"]", Assert.Single(Template.Of("build")).Attributes["sources"]);
        Assert.Empty(Template.Blocks.Select(block => block.Type).Except(["source", "build"]));
    }

    [Theory]
    [InlineData("a = 1\nb {\n  c = \"${d(\"}\")}\"\n}\n", "a|b|c")]
    [InlineData("# x = 1\nlist = [\n  \"a = 1\",\n]\nmap = {\n  k = 2\n}\n", "list|map")]
    public void Attributes_and_blocks_are_told_from_what_looks_like_them(string text, string names)
    {
        var root = HclBlock.Parse(text);

        Assert.Equal(names.Split('|'), root.Attributes.Keys.Concat(root.Blocks.SelectMany(block => block.Attributes.Keys.Prepend(block.Type))));
    }

    [Fact]
    public void Every_variable_that_is_used_is_declared_and_the_other_way_round()
    {
        var used = Template.Expressions.SelectMany(text => Used().Matches(text)).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(Variables.Keys.Order(StringComparer.Ordinal), used);
        Assert.All(Variables.Values, variable => Assert.Empty(variable.Expressions.SelectMany(text => Used().Matches(text)).Select(match => match.Groups[1].Value).Except(variable.Labels)));
    }

    [Fact]
    public void Secrets_are_sensitive_and_in_no_argument()
    {
        string[] secrets = ["base_password", "orka_auth_token", "storage_credentials"];

        Assert.Equal(secrets, Variables.Where(variable => variable.Value.Attributes.GetValueOrDefault("sensitive") == "true").Select(variable => variable.Key).Order(StringComparer.Ordinal));
        Assert.Empty(Variables.Keys.Where(name => Secret().IsMatch(name)).Except(secrets));

        // Into the VM they go by a file of variables, which Packer deletes.
        var provisioners = Template.Of("build").Single().Of("provisioner");
        Assert.All(
            provisioners.Where(provisioner => provisioner.Expressions.Any(text => secrets.Any(secret => text.Contains($"var.{secret}", StringComparison.Ordinal)))),
            provisioner => Assert.Equal("true", provisioner.Attributes["use_env_var_file"]));
        Assert.DoesNotContain(provisioners, provisioner => provisioner.Attributes.TryGetValue("inline", out var inline) && inline.Contains("var.", StringComparison.Ordinal));
    }

    [Fact]
    public void It_makes_the_images_of_the_manifest()
    {
        var allowed = Regex.Match(Condition("macos"), @"^contains\(\[([^\]]*)\], var\.macos\)$").Groups[1].Value;

        Assert.Equal(BuiltInManifest.Value.Images.Select(image => $"\"{image.MacOS}\""), allowed.Split(", "));
    }

    [Theory]
    [InlineData("bun-macos-15-base", true)]
    [InlineData("ghcr.io/macstadium/orka-images/sequoia@sha256:0000000000000000000000000000000000000000000000000000000000000000", true)]
    [InlineData("ghcr.io/macstadium/orka-images/sequoia:latest", false)]
    [InlineData("ghcr.io/macstadium/orka-images/sequoia", false)]
    public void A_base_is_local_or_pinned_by_its_digest(string image, bool isAllowed)
    {
        var pattern = Regex.Match(Condition("source_image"), "regex\\(\"([^\"]+)\", var\\.source_image\\)").Groups[1].Value;

        Assert.NotEmpty(pattern);
        Assert.Equal(isAllowed, Regex.IsMatch(image, pattern));
    }

    [Fact]
    public void The_files_it_copies_exist()
    {
        var copied = Template.Expressions.SelectMany(text => Copied().Matches(text)).Select(match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(copied);
        Assert.All(copied, path => Assert.True(Path.Exists(Path.GetFullPath(Path.Combine(Folder, path))), path));
    }

    private static string Condition(string variable) => Variables[variable].Of("validation").Single().Attributes["condition"];

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

    [GeneratedRegex(@"\bvar\.([a-z_]+)")]
    private static partial Regex Used();

    [GeneratedRegex("token|password|secret|credential")]
    private static partial Regex Secret();

    [GeneratedRegex(@"\$\{path\.root\}/([^""]+)")]
    private static partial Regex Copied();
}
