using System.Net;
using MacRunners.Platform;

namespace MacRunners.Tests.Platform.Linux;

/// <summary>The fence on Linux: real rules, real connections, in network namespaces of its own.</summary>
public sealed class NftablesTests : IClassFixture<TwoNetworks>
{
    private const uint Job = 955000;
    private const uint LastJob = 955999;
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private static readonly FencePlan Plan = new("macrunners_test", Job, LastJob, [22, 5900, 8080], [.. FencePlan.Metadata, IPNetwork.Parse("10.77.0.0/24"), IPNetwork.Parse("fd77::/64")]);

    // Every way to name the machine itself.
    private static readonly IReadOnlyList<string> Itself = ["127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", .. TwoNetworks.Own];

    private readonly TwoNetworks _networks;

    public NftablesTests(TwoNetworks networks)
    {
        Assert.SkipWhen(networks.WhyNot is not null, $"no packet filter here: {networks.WhyNot}");
        _networks = networks;
    }

    [Theory]
    [InlineData(Job)]
    [InlineData(LastJob)]
    public async Task A_job_is_refused_at_the_blocked_ports_of_the_machine_on_every_address_and_gets_through_to_all_others(uint user)
    {
        await _networks.Fence.ApplyAsync(Plan, Cancel);

        foreach (var protocol in (string[])["tcp", "udp"])
        {
            All("refused", _networks.Try(user, from address in Itself from port in Plan.Ports select $"{protocol} {address} {port}"));
        }

        All("open", _networks.Try(user, from address in Itself from port in (int[])[53, 80, 8081] select $"tcp {address} {port}"));
    }

    [Fact]
    public async Task A_job_is_refused_by_the_metadata_service_and_in_blocked_ranges_but_reaches_resolvers_there()
    {
        string[] outside = ["169.254.169.254", "fd00:ec2::254", TwoNetworks.Peer, TwoNetworks.Peer6];
        await _networks.Fence.ApplyAsync(Plan, Cancel);

        All("refused", _networks.Try(Job, from address in outside from port in (int[])[22, 80, 8080] from protocol in (string[])["tcp", "udp"] select $"{protocol} {address} {port}"));
        All("open", _networks.Try(Job, from address in outside from protocol in (string[])["tcp", "udp"] select $"{protocol} {address} 53"));
    }

    [Fact]
    public async Task Addresses_outside_that_are_not_blocked_are_reached_at_every_port()
    {
        await _networks.Fence.ApplyAsync(Plan with { Ranges = FencePlan.Metadata }, Cancel);

        All("open", _networks.Try(Job, from address in (string[])[TwoNetworks.Peer, TwoNetworks.Peer6] from port in (int[])[22, 53, 80, 8080] select $"tcp {address} {port}"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Job - 1)]
    [InlineData(LastJob + 1)]
    public async Task Everybody_else_gets_through_everywhere(uint user)
    {
        await _networks.Fence.ApplyAsync(Plan, Cancel);

        All("open", _networks.Try(user, (string[])["tcp 127.0.0.1 22", "tcp ::1 5900", "tcp 10.77.0.1 8080", "udp 127.0.0.1 22", "tcp 169.254.169.254 80", "tcp fd00:ec2::254 80", $"tcp {TwoNetworks.Peer} 22", $"tcp {TwoNetworks.Peer6} 80"]));
    }

    [Fact]
    public async Task Applied_twice_the_rules_stand_once_and_removed_twice_they_are_gone()
    {
        await _networks.Fence.ApplyAsync(Plan, Cancel);
        await _networks.Fence.ApplyAsync(Plan, Cancel);
        Assert.Empty(await _networks.Fence.LookAsync(Plan, Cancel));

        await _networks.Fence.RemoveAsync(Plan, Cancel);
        await _networks.Fence.RemoveAsync(Plan, Cancel);

        Assert.Equal(["table inet macrunners_test is not there"], await _networks.Fence.LookAsync(Plan, Cancel));
        All("open", _networks.Try(Job, "tcp 127.0.0.1 22", "tcp 169.254.169.254 80"));
    }

    [Fact]
    public async Task Trying_loads_nothing()
    {
        await _networks.Fence.RemoveAsync(Plan, Cancel);

        await _networks.Fence.TryAsync(Plan, Cancel);

        Assert.Single(await _networks.Fence.LookAsync(Plan, Cancel));
    }

    [Fact]
    public async Task Rules_that_the_filter_does_not_take_leave_the_earlier_ones_as_they_are()
    {
        await _networks.Fence.ApplyAsync(Plan, Cancel);

        await Assert.ThrowsAsync<ToolException>(() => _networks.Fence.ApplyAsync(Plan with { Ports = [70000] }, Cancel));

        Assert.Empty(await _networks.Fence.LookAsync(Plan, Cancel));
    }

    [Fact]
    public async Task Whatever_somebody_takes_away_or_adds_is_named()
    {
        await AfterAsync("missing: ip daddr 10.77.0.0/24 goto refuse", "flush", "chain", "inet", Plan.Name, "jobs");
        await AfterAsync("missing: meta skuid 955000-955999 goto jobs", "flush", "table", "inet", Plan.Name);
        await AfterAsync("not ours: meta skuid 955000 accept", "insert", "rule", "inet", Plan.Name, "output", "meta", "skuid", $"{Job}", "accept");
        await AfterAsync("table inet macrunners_test is not there", "flush", "ruleset");

        async Task AfterAsync(string expected, params string[] nft)
        {
            await _networks.Fence.ApplyAsync(Plan, Cancel);
            _networks.Nft(nft);
            Assert.Contains(expected, await _networks.Fence.LookAsync(Plan, Cancel));
        }
    }

    [Fact]
    public async Task Rules_of_another_configuration_are_not_taken_for_these()
    {
        await _networks.Fence.ApplyAsync(Plan with { Ports = [22, 5900] }, Cancel);

        Assert.Contains("missing: oif \"lo\" meta l4proto { tcp, udp } th dport { 22, 5900, 8080 } goto refuse", await _networks.Fence.LookAsync(Plan, Cancel));
    }

    [Fact]
    public async Task A_table_that_was_put_to_sleep_does_not_stand()
    {
        await _networks.Fence.ApplyAsync(Plan, Cancel);
        _networks.Nft("add table inet macrunners_test { flags dormant; }");

        Assert.Equal(["not ours: flags dormant"], await _networks.Fence.LookAsync(Plan, Cancel));
        await _networks.Fence.ApplyAsync(Plan, Cancel);
        Assert.Empty(await _networks.Fence.LookAsync(Plan, Cancel));
    }

    private static void All(string expected, IReadOnlyDictionary<string, string> answers)
    {
        Assert.NotEmpty(answers);
        Assert.DoesNotContain(answers, answer => answer.Value != expected);
    }
}
