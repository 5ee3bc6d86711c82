using MacRunners.Fleet.Orka;
using MacRunners.Fleet.Orka.Cli;

namespace MacRunners.Fleet.Tests.Orka;

/// <summary>The driver of the command line.</summary>
public sealed class Orka3Tests : OrkaContract
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(401, nameof(OrkaFault.Denied), "orka3 user set-token")]
    [InlineData(409, nameof(OrkaFault.Conflict), "Another pipeline may be at work")]
    [InlineData(429, nameof(OrkaFault.Unavailable), "Run again later")]
    [InlineData(500, nameof(OrkaFault.Unavailable), "Run again later")]
    public async Task What_the_tool_says_is_understood(int status, string fault, string advice)
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.Fault("/api/v1/namespaces/*/vms", status);

        var error = await Assert.ThrowsAsync<OrkaException>(() => cluster.Tool().ListVmsAsync(Cancellation));

        Assert.Equal(fault, error.Fault.ToString());
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_is_not_there_is_named()
    {
        using var orka = new Orka3("/nonexistent/orka3", "orka-default", TimeProvider.System);

        var error = await Assert.ThrowsAsync<OrkaException>(() => orka.ListVmsAsync(Cancellation));

        Assert.Contains("--orka3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--all")]
    [InlineData("")]
    public async Task A_name_cannot_be_a_flag(string name)
    {
        await using var cluster = await Cluster.StartAsync();

        Assert.Equal(OrkaFault.Invalid, (await Assert.ThrowsAsync<OrkaException>(() => cluster.Tool().DeleteVmAsync(name, Cancellation))).Fault);
        Assert.DoesNotContain(cluster.Server.Requests.All(), request => request.Method == "DELETE");
    }

    [Theory]
    [InlineData("""[{"name":"one","ip":"10.0.0.1","ssh":8822,"status":"Running"}]""")]
    [InlineData("""{"name":"one","ip":"10.0.0.1","ssh":"8822","status":"Running"}""")]
    public async Task A_deployed_vm_may_come_as_an_array_or_alone(string answer)
    {
        await using var cluster = await Cluster.StartAsync();
        using var orka = new Orka3(await FixedAnswerAsync(cluster, answer), "orka-default", TimeProvider.System);

        var vm = await orka.DeployAsync(new VmOrder("one", "base.img", 4, null), TimeSpan.FromSeconds(10), Cancellation);

        Assert.Equal(("10.0.0.1", 8822), (vm.Address, vm.SshPort));
    }

    [Theory]
    [InlineData("Welcome!")]
    [InlineData("\"text\"")]
    public async Task An_answer_that_is_no_list_is_an_error(string answer)
    {
        await using var cluster = await Cluster.StartAsync();
        using var orka = new Orka3(await FixedAnswerAsync(cluster, answer), "orka-default", TimeProvider.System);

        Assert.Equal(OrkaFault.Failed, (await Assert.ThrowsAsync<OrkaException>(() => orka.ListImagesAsync(Cancellation))).Fault);
    }

    private static async Task<string> FixedAnswerAsync(Cluster cluster, string answer)
    {
        var path = cluster.Path("fixed");
        await File.WriteAllTextAsync(path, $"#!/bin/sh\ncat <<'END'\n{answer}\nEND\n", Cancellation);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }

    private protected override Task<IOrka> ConnectAsync(Cluster cluster) => Task.FromResult<IOrka>(cluster.Tool());
}
