using MacRunners.Fleet.Orka;
using MacRunners.Simulator.Orka;

namespace MacRunners.Fleet.Tests.Orka;

/// <summary>The driver of custom resources.</summary>
public sealed class KubernetesOrkaTests : OrkaContract
{
    private const string VmRoute = "/apis/orka.macstadium.com/v1/namespaces/*/virtualmachineinstances";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_busy_or_stumbling_server_is_asked_again(int status)
    {
        await using var cluster = await Cluster.StartAsync();
        using var orka = await cluster.KubernetesAsync();
        cluster.Fault(VmRoute, status, count: 2, retryAfter: 0.01);

        Assert.Equal(VmPhase.Running, (await orka.DeployAsync(new VmOrder("one", "base.img", 4, 8), Limit, Cancellation)).Phase);
        Assert.Equal(["one"], cluster.State.Deployed);
    }

    [Theory]
    [InlineData(401, nameof(OrkaFault.Denied), "orka3 sa token")]
    [InlineData(403, nameof(OrkaFault.Denied), "add-subject")]
    [InlineData(409, nameof(OrkaFault.Conflict), "Orka answers 409")]
    [InlineData(429, nameof(OrkaFault.Unavailable), "run again later")]
    [InlineData(500, nameof(OrkaFault.Unavailable), "cluster's health")]
    [InlineData(422, nameof(OrkaFault.Invalid), "422")]
    public async Task What_stays_wrong_says_what_to_do(int status, string fault, string advice)
    {
        await using var cluster = await Cluster.StartAsync();
        using var orka = await cluster.KubernetesAsync();
        cluster.Fault(VmRoute, status);

        var error = await Assert.ThrowsAsync<OrkaException>(() => orka.ListVmsAsync(Cancellation));

        Assert.Equal(fault, error.Fault.ToString());
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Cluster.Token, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_was_lost_does_not_make_a_second_vm()
    {
        await using var cluster = await Cluster.StartAsync();
        using var orka = await cluster.KubernetesAsync();
        cluster.Server.Faults.Add(new() { Route = VmRoute, Method = "POST", Reset = true, After = true, Count = 1 });

        await orka.DeployAsync(new VmOrder("one", "base.img", 4, 8), Limit, Cancellation);

        Assert.Equal(["one"], cluster.State.Deployed);
    }

    [Fact]
    public async Task A_wrong_token_is_refused()
    {
        await using var cluster = await Cluster.StartAsync();
        using var orka = await cluster.KubernetesAsync("another");

        Assert.Equal(OrkaFault.Denied, (await Assert.ThrowsAsync<OrkaException>(() => orka.ListImagesAsync(Cancellation))).Fault);
    }

    [Fact]
    public async Task A_vm_waits_for_room_and_comes_up_when_there_is_some()
    {
        await using var cluster = await Cluster.StartAsync(options => options with { Nodes = 1, NodeCpu = 12 });
        using var orka = await cluster.KubernetesAsync();
        await orka.DeployAsync(new VmOrder("first", "base.img", 12, 32), Limit, Cancellation);

        var second = orka.DeployAsync(new VmOrder("second", "base.img", 12, 32), Limit, Cancellation);
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancellation);
        Assert.False(second.IsCompleted);
        await orka.DeleteVmAsync("first", Cancellation);

        Assert.Equal(8822, (await second).SshPort);
    }

    [Fact]
    public async Task A_vm_that_somebody_deletes_while_it_boots_is_no_timeout()
    {
        await using var cluster = await Cluster.StartAsync(options => options with { DeployDelay = TimeSpan.FromSeconds(10) });
        using var orka = await cluster.KubernetesAsync();

        var deploying = orka.DeployAsync(new VmOrder("one", "base.img", 12, 32), Limit, Cancellation);
        while (cluster.Vms.Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancellation);
        }

        cluster.State.DeleteVm(new ResourceKey(OrkaPlural.Vms, OrkaNames.SharedNamespace, "one"));
        Assert.Contains("deleted by someone else", (await Assert.ThrowsAsync<OrkaException>(() => deploying)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_else_than_orka_is_recognised()
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.Server.Faults.Add(new() { Route = "/api/v1/cluster-info", Body = "<html>Welcome</html>" });

        var error = await Assert.ThrowsAsync<OrkaException>(() => cluster.KubernetesAsync());

        Assert.Contains("Is the VPN up", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, 2)]
    [InlineData("company.orka.app", "token", 1)]
    [InlineData("ftp://company.orka.app", "token", 1)]
    [InlineData("http://10.221.188.20", "token", 1)]
    [InlineData("http://10.221.188.20", "to ken", 2)]
    [InlineData("https://company.orka.app", "token\n", 1)]
    public void All_that_is_wrong_with_the_settings_is_said_at_once(string? endpoint, string? token, int faults)
    {
        var error = Assert.Throws<OrkaException>(() => OrkaConnection.Create(endpoint, token, "orka-default", allowHttp: false));

        Assert.Equal(OrkaFault.Invalid, error.Fault);
        Assert.Equal(faults, error.Message.Split('\n').Length);
    }

    private protected override Task<IOrka> ConnectAsync(Cluster cluster) => cluster.KubernetesAsync();
}
