using MacRunners.Platform;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.MacEmulator;

/// <summary>Rows of the contract with <c>pfctl</c>, from OpenBSD's grammar of 2008, which Apple's is, and Apple's own <c>-E</c> and <c>-X</c>.</summary>
[Collection(AccountsCollection.Name)]
public sealed class PfctlTests(EmulatedCommands mac) : IClassFixture<EmulatedCommands>
{
    private const string Pfctl = "/sbin/pfctl";
    private const string Always = "No ALTQ support in kernel\nALTQ related functions disabled\n";
    private const string Warning = Always + "pfctl: Use of -f option, could result in flushing of rules\npresent in the main ruleset added by the system at startup.\nSee /etc/pf.conf for further details.\n";

    [Fact, Trait("certainty", "S")]
    public async Task Rules_of_an_anchor_are_replaced_and_shown_in_pf_s_own_words()
    {
        Assert.Equal(new ToolResult(0, "", Warning), await LoadAsync("com.apple/a", "block out all\n"));
        Assert.Equal(0, (await LoadAsync(
            "com.apple/a",
            """
            block return out quick on lo0 proto tcp from any to any port = 22 user 699999 >< 800000 label "x 1/2"
            block return out quick on !lo0 proto udp from any to 169.254.169.254/32 port != 53 user 699999 >< 800000
            pass out inet6 proto tcp from any to fd00::/8

            """)).ExitCode);

        Assert.Equal(
            """
            block return out quick on lo0 proto tcp from any to any port = ssh user 699999 >< 800000 label "x 1/2"
            block return out quick on ! lo0 inet proto udp from any to 169.254.169.254 port != domain user 699999 >< 800000
            pass out inet6 proto tcp from any to fd00::/8

            """,
            (await mac.RunAsync(Pfctl, "-a", "com.apple/a", "-s", "rules")).Output);

        Assert.Equal(0, (await mac.RunAsync(Pfctl, "-a", "com.apple/a", "-F", "rules")).ExitCode);
        Assert.Equal(new ToolResult(0, "", Always), await mac.RunAsync(Pfctl, "-a", "com.apple/a", "-s", "rules"));
    }

    [Theory, Trait("certainty", "S")]
    [InlineData("reject out all", "syntax error")]
    [InlineData("block out from any to any user 700000:799999", "syntax error")]
    [InlineData("block out proto icmp from any to any port = 22", "port only applies to tcp/udp")]
    [InlineData("block out proto tcp from any to any port = 65536", "illegal port value 65536")]
    [InlineData("block out proto tcp from any to 10.0.0.0/33", "could not parse host specification")]
    [InlineData("block out inet6 proto tcp from any to 10.0.0.0/8", "rule expands to no valid combination")]
    public async Task A_rule_that_is_none_is_named_and_nothing_is_loaded(string rule, string complaint)
    {
        await LoadAsync("com.apple/b", "block out all\n");

        Assert.Equal(
            new ToolResult(1, "", Warning + $"stdin:2: {complaint}\npfctl: Syntax error in config file: pf rules not loaded\n"),
            await LoadAsync("com.apple/b", $"pass out all\n{rule}\n"));
        Assert.Equal("block drop out all\n", (await mac.RunAsync(Pfctl, "-a", "com.apple/b", "-s", "rules")).Output);
    }

    [Fact, Trait("certainty", "C")]
    public async Task It_runs_as_long_as_somebody_holds_a_reference()
    {
        Assert.StartsWith("Status: Disabled", (await mac.RunAsync(Pfctl, "-s", "info")).Output, StringComparison.Ordinal);
        var first = (await mac.RunAsync(Pfctl, "-E")).Output["Token : ".Length..].Trim();
        var second = (await mac.RunAsync(Pfctl, "-E")).Output["Token : ".Length..].Trim();
        Assert.NotEqual(first, second);
        Assert.StartsWith("Status: Enabled", (await mac.RunAsync(Pfctl, "-s", "info")).Output, StringComparison.Ordinal);

        Assert.Equal(0, (await mac.RunAsync(Pfctl, "-X", first)).ExitCode);
        Assert.Equal(1, (await mac.RunAsync(Pfctl, "-X", first)).ExitCode);
        Assert.StartsWith("Status: Enabled", (await mac.RunAsync(Pfctl, "-s", "info")).Output, StringComparison.Ordinal);
        Assert.Contains(second, (await mac.RunAsync(Pfctl, "-s", "References")).Output, StringComparison.Ordinal);

        Assert.Equal(0, (await mac.RunAsync(Pfctl, "-X", second)).ExitCode);
        Assert.StartsWith("Status: Disabled", (await mac.RunAsync(Pfctl, "-s", "info")).Output, StringComparison.Ordinal);
    }

    [Fact, Trait("certainty", "C")]
    public async Task The_main_rules_are_those_of_the_system_s_file() =>
        Assert.Equal("scrub-anchor \"com.apple/*\" all fragment reassemble\nanchor \"com.apple/*\" all\n", (await mac.RunAsync(Pfctl, "-s", "rules")).Output);

    [Fact, Trait("certainty", "C")]
    public async Task It_is_for_root_only() =>
        Assert.Equal(new ToolResult(1, "", "pfctl: /dev/pf: Permission denied\n"), await mac.RunAsUserAsync(TestNumbers.Next(), Pfctl, "-s", "info"));

    private Task<ToolResult> LoadAsync(string anchor, string rules) => mac.RunWithInputAsync(rules, Pfctl, "-a", anchor, "-f", "-");
}
