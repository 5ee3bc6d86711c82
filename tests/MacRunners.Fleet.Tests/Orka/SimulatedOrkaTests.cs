using MacRunners.Fleet.Orka;
using MacRunners.Simulator.Orka;

namespace MacRunners.Fleet.Tests.Orka;

/// <summary>What the simulated cluster does that the drivers do not ask for.</summary>
public sealed class SimulatedOrkaTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_port_of_a_host_is_reserved_once()
    {
        await using var cluster = await Cluster.StartAsync(options => options with { Nodes = 1 });
        foreach (var name in new[] { "one", "two" })
        {
            cluster.State.CreateVm(OrkaNames.SharedNamespace, name, new() { ["image"] = "base.img", ["reservedPorts"] = "18080:8080" }, vmConfig: null);
            await PhaseAsync(cluster, name, "Running");
        }

        Assert.Null(Status(cluster, "one")["portWarnings"]);
        Assert.Equal("port 18080 is reserved already", (string?)Status(cluster, "two")["portWarnings"]);
    }

    [Fact]
    public async Task A_host_takes_two_vms_and_a_template_fills_in_what_is_missing()
    {
        await using var cluster = await Cluster.StartAsync(options => options with { Nodes = 1 });
        using var orka = await cluster.KubernetesAsync();
        await orka.CreateVmConfigAsync(new VmConfig("small", "base.img", 2, 4), Cancellation);
        foreach (var name in new[] { "one", "two", "three" })
        {
            cluster.State.CreateVm(OrkaNames.SharedNamespace, name, [], "small");
        }

        await PhaseAsync(cluster, "one", "Running");
        await PhaseAsync(cluster, "two", "Running");
        Assert.Equal("Pending", (string?)Status(cluster, "three")["phase"]);
        Assert.Equal(2, (int)cluster.State.Store.List(OrkaPlural.Vms)[0]["spec"]!["cpu"]!);
        await orka.DeleteVmAsync("one", Cancellation);
        await PhaseAsync(cluster, "three", "Running");
    }

    [Fact]
    public async Task The_first_vm_of_an_image_on_a_host_takes_longer_unless_it_is_cached()
    {
        await using var cluster = await Cluster.StartAsync(options => options with { Nodes = 1, UncachedDelay = TimeSpan.FromMinutes(10) });
        cluster.State.CreateVm(OrkaNames.SharedNamespace, "cold", new() { ["image"] = "base.img" }, vmConfig: null);
        await cluster.Tool().CacheAsync("base.img", Cancellation);
        cluster.State.CreateVm(OrkaNames.SharedNamespace, "warm", new() { ["image"] = "base.img" }, vmConfig: null);

        await PhaseAsync(cluster, "warm", "Running");
        Assert.Equal("Pending", (string?)Status(cluster, "cold")["phase"]);
    }

    private static System.Text.Json.Nodes.JsonNode Status(Cluster cluster, string name) =>
        cluster.State.Store.Get(new ResourceKey(OrkaPlural.Vms, OrkaNames.SharedNamespace, name))["status"]!;

    private static async Task PhaseAsync(Cluster cluster, string name, string phase)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        while ((string?)Status(cluster, name)["phase"] != phase)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
        }
    }
}
