using System.Text.RegularExpressions;
using System.Xml.Linq;
using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Platform.MacOS;
using MacRunners.Tests.Platform;
using NSubstitute;

namespace MacRunners.Tests.Packaging;

/// <summary>The profile for device management grants exactly what the code looks for, to exactly the program that is signed and installed.</summary>
public sealed partial class FullDiskAccessProfileTests
{
    private static readonly string Text = File.ReadAllText(RepositoryRoot.PathOf("packaging", "macos", "full-disk-access.mobileconfig"));
    private static readonly XElement Policy = Value("PayloadContent").Elements().Single();
    private static readonly XElement Services = PropertyList.Find(Policy, "Services")!;
    private static readonly XElement Grant = PropertyList.Find(Services, "SystemPolicyAllFiles")!.Elements().Single();

    [Fact]
    public void Its_payloads_are_of_the_types_that_macOS_takes()
    {
        Assert.Equal(("Configuration", "System"), (Value("PayloadType").Value, Value("PayloadScope").Value));
        Assert.Equal("com.apple.TCC.configuration-profile-policy", Of(Policy, "PayloadType"));
        Assert.Equal(("1", "1"), (Value("PayloadVersion").Value, Of(Policy, "PayloadVersion")));
        Assert.StartsWith(Value("PayloadIdentifier").Value + ".", Of(Policy, "PayloadIdentifier"), StringComparison.Ordinal);
        Assert.Equal(2, new[] { Value("PayloadUUID").Value, Of(Policy, "PayloadUUID") }.Select(Guid.Parse).Distinct().Count());
    }

    [Fact]
    public void It_grants_one_thing_to_the_program_that_launchd_starts()
    {
        var service = PropertyList.Find(File.ReadAllText(RepositoryRoot.PathOf("launchd", "com.macrunners.daemon.plist")), "ProgramArguments")!;

        Assert.Single(Services.Elements("key"));
        Assert.Equal((service.Elements().First().Value, "path", "Allow"), (Of(Grant, "Identifier"), Of(Grant, "IdentifierType"), Of(Grant, "Authorization")));
    }

    [Fact]
    public void It_requires_the_identifier_by_which_the_package_is_signed_and_a_team()
    {
        var build = File.ReadAllText(RepositoryRoot.PathOf("packaging", "macos", "build-pkg.sh"));
        var requirement = Requirement().Match(Of(Grant, "CodeRequirement"));

        Assert.True(requirement.Success);
        Assert.Contains($"--identifier {requirement.Groups["identifier"].Value} ", build, StringComparison.Ordinal);
        Assert.Equal("TEAMID", requirement.Groups["team"].Value);
    }

    [Fact]
    public async Task The_look_at_an_image_understands_what_macOS_makes_of_it()
    {
        using var root = new Scratch();
        Directory.CreateDirectory(root["Library/Application Support/com.apple.TCC"]);
        await File.WriteAllTextAsync(root["Library/Application Support/com.apple.TCC/MDMOverrides.plist"], "bplist00", TestContext.Current.CancellationToken);
        var list = new XElement("plist", new XElement("dict", Key(Of(Grant, "Identifier")), new XElement("dict", Key("kTCCServiceSystemPolicyAllFiles"), Grant)));
        var tool = Substitute.For<ITool>();
        tool.RunAsync(default!, default!, default, TestContext.Current.CancellationToken).ReturnsForAnyArgs(call =>
            call.ArgAt<string>(0).EndsWith("plutil", StringComparison.Ordinal) ? new ToolResult(0, $"<?xml version=\"1.0\"?>{list}", "")
            : call.ArgAt<IReadOnlyList<string>>(1)[2] == $"={Of(Grant, "CodeRequirement")}" ? new ToolResult(0, "", "")
            : new ToolResult(1, "", "not as the profile says"));

        var hardening = new MacImageHardening(tool, new LinuxFileCalls(), root[""].TrimEnd('/'));
        var (isMet, found) = await hardening.Checks.Single(check => check.Name == "full-disk-access").LookAsync(TestContext.Current.CancellationToken);

        Assert.Equal((true, "granted by a profile, and the program is signed as the grant wants"), (isMet, found));
    }

    [Fact]
    public void The_manual_shows_it_as_it_is() => Assert.Contains(Text, File.ReadAllText(RepositoryRoot.PathOf("DEPLOYMENT.md")), StringComparison.Ordinal);

    private static XElement Value(string key) => PropertyList.Find(Text, key)!;

    private static string Of(XElement dictionary, string key) => PropertyList.Find(dictionary, key)!.Value;

    private static XElement Key(string name) => new("key", name);

    [GeneratedRegex("""^identifier "(?<identifier>[^"]+)" and anchor apple generic and .+ and certificate leaf\[subject\.OU\] = "(?<team>[^"]+)"$""", RegexOptions.CultureInvariant)]
    private static partial Regex Requirement();
}
