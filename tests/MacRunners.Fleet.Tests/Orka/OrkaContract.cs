using MacRunners.Fleet.Orka;
using MacRunners.Simulator.Orka;

namespace MacRunners.Fleet.Tests.Orka;

/// <summary>What both drivers do.</summary>
public abstract class OrkaContract
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_vm_is_deployed_found_saved_committed_pushed_and_deleted()
    {
        await using var cluster = await Cluster.StartAsync();
        using var orka = await ConnectAsync(cluster);

        var vm = await orka.DeployAsync(new VmOrder("one", "base.img", 4, 8), Limit, Cancellation);
        Assert.Equal(("one", VmPhase.Running, "10.221.188.31", 8822, "mini-1"), (vm.Name, vm.Phase, vm.Address, vm.SshPort, vm.Node));
        Assert.Equal("base.img", vm.Image);
        Assert.Equal(8823, (await orka.DeployAsync(new VmOrder("two", "base.img", 4, null), Limit, Cancellation)).SshPort);
        Assert.Equal(["one", "two"], (await orka.ListVmsAsync(Cancellation)).Select(found => found.Name));
        Assert.Equal("base.img", (await orka.FindVmAsync("one", Cancellation))?.Image);
        Assert.Null(await orka.FindVmAsync("three", Cancellation));
        Assert.Equal([16.0, 24.0], (await orka.ListNodesAsync(Cancellation)).Select(node => node.AvailableCpu));
        Assert.All(await orka.ListNodesAsync(Cancellation), node => Assert.True(node.IsReady));

        await orka.SaveImageAsync("one", "saved", Limit, Cancellation);
        Assert.Equal([new OrkaImage("base.img", "Ready"), new OrkaImage("saved", "Ready")], await orka.ListImagesAsync(Cancellation));
        await orka.CommitImageAsync("one", Cancellation);
        var job = await orka.PushImageAsync("one", "registry.example/bun/macos-15:1", Cancellation);
        Assert.Matches("^(Running|Succeeded)$", cluster.State.PushState(job));
        await orka.DeleteImageAsync("saved", Cancellation);
        await orka.DeleteImageAsync("saved", Cancellation);

        await orka.DeleteVmAsync("one", Cancellation);
        await orka.DeleteVmAsync("one", Cancellation);
        Assert.Equal(["two"], cluster.Vms);
    }

    [Fact]
    public async Task A_template_is_created_once_and_a_different_one_of_its_name_is_a_conflict()
    {
        await using var cluster = await Cluster.StartAsync();
        using var orka = await ConnectAsync(cluster);
        var config = new VmConfig("bun-macos-15-20261124-0200-ab12cd3", "base.img", 12, 32);

        await orka.CreateVmConfigAsync(config, Cancellation);
        await orka.CreateVmConfigAsync(config, Cancellation);
        var conflict = await Assert.ThrowsAsync<OrkaException>(() => orka.CreateVmConfigAsync(config with { Image = "other" }, Cancellation));

        Assert.Equal(OrkaFault.Conflict, conflict.Fault);
        Assert.Equal([config], await orka.ListVmConfigsAsync(Cancellation));
        await orka.DeleteVmConfigAsync(config.Name, Cancellation);
        await orka.DeleteVmConfigAsync(config.Name, Cancellation);
        Assert.Empty(cluster.Templates);
    }

    [Fact]
    public async Task A_vm_that_fails_and_a_vm_that_never_boots_are_told_apart()
    {
        await using var cluster = await Cluster.StartAsync();
        using var orka = await ConnectAsync(cluster);

        cluster.State.Plan(new BootPlan(null, BootKind.Failed, [], Count: 1));
        var failed = await Assert.ThrowsAsync<OrkaException>(() => orka.DeployAsync(new VmOrder("bad", "base.img", 4, 8), Limit, Cancellation));
        cluster.State.Plan(new BootPlan(null, BootKind.Never, [], Count: 1));
        var never = await Assert.ThrowsAsync<OrkaException>(() => orka.DeployAsync(new VmOrder("late", "base.img", 4, 8), TimeSpan.FromSeconds(1), Cancellation));

        Assert.Equal(OrkaFault.Failed, failed.Fault);
        Assert.Equal(OrkaFault.Timeout, never.Fault);
    }

    [Fact]
    public async Task An_image_that_is_not_there_is_named()
    {
        await using var cluster = await Cluster.StartAsync();
        using var orka = await ConnectAsync(cluster);

        var missing = await Assert.ThrowsAsync<OrkaException>(() => orka.DeployAsync(new VmOrder("one", "nowhere.img", 4, 8), Limit, Cancellation));

        Assert.Equal(OrkaFault.NotFound, missing.Fault);
        Assert.Contains("nowhere.img", missing.Message, StringComparison.Ordinal);
    }

    private protected abstract Task<IOrka> ConnectAsync(Cluster cluster);
}
