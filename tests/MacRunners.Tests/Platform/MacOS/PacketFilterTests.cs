using System.Net;
using MacRunners.Platform;
using MacRunners.Platform.MacOS;

namespace MacRunners.Tests.Platform.MacOS;

/// <summary>The fence on macOS, as far as an emulator can tell: its rules are read, kept and shown, but filter nothing.</summary>
[Collection(AccountsCollection.Name)]
public sealed class PacketFilterTests(EmulatedMac mac) : IClassFixture<EmulatedMac>, IAsyncDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private static readonly FencePlan Plan = new("macrunners", 700000, 799999, [22, 8080], [.. FencePlan.Metadata, IPNetwork.Parse("10.1.0.0/16")]);
    private readonly PacketFilter _fence = new(new Tool(TimeProvider.System), mac.Root);

    public async ValueTask DisposeAsync()
    {
        // References and main rules as on a fresh Mac.
        await PfctlAsync("-d");
        await _fence.RemoveAsync(Plan, CancellationToken.None);
        File.Delete($"{mac.Root}/.emulator/pf.json");
    }

    [Fact]
    public void The_rules_stop_the_numbers_of_the_range_and_nobody_else()
    {
        var rules = _fence.Rules(Plan);

        Assert.StartsWith("block return out quick on lo0 proto tcp from any to any port = 22 user 699999 >< 800000 label \"macrunners 1/10 ", rules, StringComparison.Ordinal);
        Assert.Contains("block return out quick on ! lo0 inet proto tcp from any to 169.254.169.254/32 port != 53 user 699999 >< 800000 label ", rules, StringComparison.Ordinal);
        Assert.Contains("block return out quick on ! lo0 inet6 proto udp from any to fd00:ec2::254/128 port != 53 user 699999 >< 800000 label ", rules, StringComparison.Ordinal);
        Assert.All(rules.TrimEnd().Split('\n'), rule => Assert.Contains(" user 699999 >< 800000 ", rule, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Applied_they_stand_and_pf_runs_on_a_reference_of_ours_alone()
    {
        Assert.NotEmpty(await _fence.LookAsync(Plan, Cancel));
        await _fence.ApplyAsync(Plan, Cancel);
        await _fence.ApplyAsync(Plan, Cancel);

        Assert.Empty(await _fence.LookAsync(Plan, Cancel));
        Assert.Single((await PfctlAsync("-s", "References")).Split('\n'), line => line.Contains("pfctl", StringComparison.Ordinal));

        await _fence.RemoveAsync(Plan, Cancel);
        Assert.StartsWith("Status: Disabled", await PfctlAsync("-s", "info"), StringComparison.Ordinal);
        Assert.Equal("", await PfctlAsync("-a", "com.apple/macrunners", "-s", "rules"));
        Assert.Empty(Directory.EnumerateFiles($"{mac.Root}/private/var/run", "*.pf-token"));
    }

    [Fact]
    public async Task Whoever_else_wants_pf_keeps_it_when_ours_is_given_back()
    {
        await PfctlAsync("-E");
        await _fence.ApplyAsync(Plan, Cancel);
        await _fence.RemoveAsync(Plan, Cancel);

        Assert.StartsWith("Status: Enabled", await PfctlAsync("-s", "info"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing: block return out quick on lo0 proto tcp from any to any port = 22 user 699999 >< 800000", "-a", "com.apple/macrunners", "-F", "rules")]
    [InlineData("pf is disabled", "-d")]
    [InlineData("the main rules do not call anchor com.apple/*", "-F", "all")]
    public async Task Whatever_somebody_takes_away_is_named(string expected, params string[] pfctl)
    {
        await _fence.ApplyAsync(Plan, Cancel);
        await PfctlAsync(pfctl);

        Assert.Contains(expected, await _fence.LookAsync(Plan, Cancel));
    }

    [Fact]
    public async Task What_was_flushed_or_disabled_is_put_up_again()
    {
        await _fence.ApplyAsync(Plan, Cancel);
        await PfctlAsync("-a", "com.apple/macrunners", "-F", "all");
        await PfctlAsync("-d");

        await _fence.ApplyAsync(Plan, Cancel);

        Assert.Empty(await _fence.LookAsync(Plan, Cancel));
    }

    [Fact]
    public async Task Trying_loads_nothing()
    {
        await _fence.TryAsync(Plan, Cancel);

        Assert.Equal("", await PfctlAsync("-a", "com.apple/macrunners", "-s", "rules"));
        Assert.StartsWith("Status: Disabled", await PfctlAsync("-s", "info"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_that_pf_does_not_take_are_a_failure() =>
        await Assert.ThrowsAsync<ToolException>(() => _fence.ApplyAsync(Plan with { Ports = [70000] }, Cancel));

    private async Task<string> PfctlAsync(params string[] arguments) =>
        (await new Tool(TimeProvider.System).RunAsync(mac.Root + "/sbin/pfctl", arguments, TimeSpan.FromMinutes(1), CancellationToken.None)).Output;
}
