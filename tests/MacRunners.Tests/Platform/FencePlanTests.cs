using MacRunners.Platform;
using MacRunners.Tests.Hosting;

namespace MacRunners.Tests.Platform;

public sealed class FencePlanTests : IDisposable
{
    private readonly Audits _audits = new();

    public void Dispose() => _audits.Dispose();

    [Fact]
    public void Without_any_setting_it_blocks_metadata_sshd_screen_sharing_and_the_daemon_s_port()
    {
        var plan = FencePlan.For(_audits.Run(null).Settings);

        Assert.Equal(("macrunners", 700000u, 799999u), (plan.Name, plan.First, plan.Last));
        Assert.Equal([22, 5900, 8080], plan.Ports);
        Assert.Equal(["169.254.169.254/32", "fd00:ec2::254/128"], plan.Ranges.Select(range => $"{range}"));
    }

    [Fact]
    public void Settings_are_added_once_each_and_the_port_is_where_the_daemon_really_listens()
    {
        var settings = _audits.Run(
            null, "Http:Port=0", "Network:Blocked:0=10.0.0.0/8", "Network:Blocked:1=169.254.169.254/32", "Network:BlockedPorts:0=3283", "Network:BlockedPorts:1=22").Settings;

        Assert.Equal([22, 3283, 5900, 41001], FencePlan.For(settings, httpPort: 41001).Ports);
        Assert.Equal([22, 3283, 5900], FencePlan.For(settings).Ports);
        Assert.Equal(["169.254.169.254/32", "fd00:ec2::254/128", "10.0.0.0/8"], FencePlan.For(settings).Ranges.Select(range => $"{range}"));
    }
}
