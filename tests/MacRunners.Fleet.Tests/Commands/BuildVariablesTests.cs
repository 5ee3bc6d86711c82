using System.Text.RegularExpressions;
using MacRunners.Fleet.Commands;
using MacRunners.Fleet.Pipeline;
using MacRunners.Fleet.Tests.Workflows;
using MacRunners.Fleet.Versions;
using MacRunners.Tests.Images;

namespace MacRunners.Fleet.Tests.Commands;

/// <summary>
/// What <c>image build</c> gives to Packer is what the template declares. A real Packer reads it: the template's own variables, with a source
/// that builds nothing in place of the plugin's.
/// </summary>
public sealed partial class BuildVariablesTests
{
    private const string Pinned = "ghcr.io/macstadium/orka-images/sequoia@sha256:0000000000000000000000000000000000000000000000000000000000000000";

    private static readonly string Template = Path.Combine(Workflow.RepositoryRoot(), "packaging", "packer");

    private static readonly IReadOnlyDictionary<string, HclBlock> Declared = HclBlock.Parse(File.ReadAllText(Path.Combine(Template, "variables.pkr.hcl")))
        .Of("variable").ToDictionary(variable => variable.Labels.Single());

    public static TheoryData<int> Versions { get; } = new(ManifestFile.Read(Path.Combine(Workflow.RepositoryRoot(), ManifestFile.DefaultPath)).Select([]));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task The_template_takes_every_name_and_value_of_a_build(int macOs)
    {
        await using var build = await Build.StartAsync();

        var ended = await build.RunAsync(macOs, $"source_image = \"{Pinned}\"\nssh_public_key = \"key.pub\"\nteam_id = \"ABCDE12345\"\n", "--orka-endpoint", "https://orka.example");

        Assert.True(ended.Code == ExitCodes.Success, ended.Error);
        var values = await build.ValuesAsync();
        Assert.Equal(Declared.Keys.Order(StringComparer.Ordinal), values.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            ($"{macOs}", new RunRecord(build.Record).Image, new RunRecord(build.Record).Vms.Single().Name, new RunRecord(build.Record).Vms.Single().Namespace),
            (values["macos"], values["image_name"], values["builder_name"], values["namespace"]));
        Assert.Equal(("https://orka.example", Cluster.Token, "XCODE=Authorization: Bearer canary-of-the-storage"), (values["orka_endpoint"], values["orka_auth_token"], values["storage_credentials"]));

        // Debian's Packer has no function regex, so it has not seen these rules.
        Assert.All(Rules(), rule => Assert.Matches(rule.Pattern, values[rule.Variable]));
        Assert.Equal(["orka_endpoint", "source_image", "team_id"], Rules().Select(rule => rule.Variable).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(16, "", "The macos must be 13, 14, 15 or 26.")]
    [InlineData(15, "cpu_cores = \"many\"\n", "cpu_cores")]
    public async Task What_the_template_does_not_take_is_said(int macOs, string further, string reason)
    {
        await using var build = await Build.StartAsync();

        var ended = await build.RunAsync(macOs, $"source_image = \"base\"\nssh_public_key = \"key.pub\"\n{further}", "--allow-http");

        Assert.Equal(ExitCodes.Failure, ended.Code);
        Assert.Contains(reason, ended.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Variable, string Pattern)> Rules() =>
        from variable in Declared
        from validation in variable.Value.Of("validation")
        let rule = Rule().Match(validation.Attributes["condition"])
        where rule.Success
        select (variable.Key, rule.Groups[1].Value);

    [GeneratedRegex(@"^can\(regex\(""([^""]+)"", var\.[a-z_]+\)\)$")]
    private static partial Regex Rule();

    [GeneratedRegex(@"can\(regex\(""[^""]+"", var\.([a-z_]+)\)\)")]
    private static partial Regex Condition();

    /// <summary>A build by a real Packer, that writes down what the template's variables are.</summary>
    private sealed class Build : IAsyncDisposable
    {
        private readonly Cluster _cluster;
        private readonly GitRepository _repository = new();

        private Build(Cluster cluster) => _cluster = cluster;

        public string Record => _cluster.Path("run");

        private string Packer => _cluster.Path("packer");

        public static async Task<Build> StartAsync()
        {
            var build = new Build(await Cluster.StartAsync());
            build._repository.Commit("README.md");
            var folder = Directory.CreateDirectory(Path.Combine(build._repository.Folder, "template")).FullName;
            await File.WriteAllTextAsync(
                Path.Combine(folder, "variables.pkr.hcl"), Condition().Replace(await File.ReadAllTextAsync(Path.Combine(Template, "variables.pkr.hcl"), Cancellation), "length(var.$1) >= 0"), Cancellation);
            var variables = string.Join(", ", Declared.Keys.Select(name => $"\"given_{name}=${{var.{name}}}\""));
            await File.WriteAllTextAsync(
                Path.Combine(folder, "source.pkr.hcl"),
                $$"""
                source "null" "image" {
                  communicator = "none"
                }

                build {
                  sources = ["source.null.image"]

                  provisioner "shell-local" {
                    environment_vars = [{{variables}}]
                    inline           = ["env -0 >{{build.Packer}}.values"]
                  }
                }

                """,
                Cancellation);

            // That of Debian has no init, and the real template's source is one that it does not know: of that it checks the syntax.
            var real = Directory.CreateDirectory(Path.Combine(build._repository.Folder, "real")).FullName;
            foreach (var file in Directory.EnumerateFiles(Template).Where(file => Path.GetFileName(file) != "plugins.pkr.hcl"))
            {
                File.Copy(file, Path.Combine(real, Path.GetFileName(file)));
            }

            await File.WriteAllTextAsync(
                build.Packer, $"#!/bin/bash\n[ \"$1\" = init ] && exit\npacker validate -syntax-only \"${{@:4:$#-4}}\" {real} && exec packer \"$@\"\n", Cancellation);
            File.SetUnixFileMode(build.Packer, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            return build;
        }

        public async Task<Ended> RunAsync(int macOs, string variables, params string[] orka)
        {
            var file = _cluster.Path("variables.pkrvars.hcl");
            await File.WriteAllTextAsync(file, variables, Cancellation);
            return await _cluster.RunAsync(
                [
                    "build", "--macos", $"{macOs}", .. orka, "--packer", Packer, "--template", Path.Combine(_repository.Folder, "template"),
                    "--repository", _repository.Folder, "--record", Record, "--package", Packer, "--var-file", file,
                ],
                credentials: "XCODE=Authorization: Bearer canary-of-the-storage");
        }

        public async Task<IReadOnlyDictionary<string, string>> ValuesAsync() => (await File.ReadAllTextAsync(Packer + ".values", Cancellation)).Split('\0')
            .Where(entry => entry.StartsWith("given_", StringComparison.Ordinal))
            .Select(entry => entry["given_".Length..].Split('=', 2))
            .ToDictionary(entry => entry[0], entry => entry[1]);

        public async ValueTask DisposeAsync()
        {
            _repository.Dispose();
            await _cluster.DisposeAsync();
        }
    }
}
