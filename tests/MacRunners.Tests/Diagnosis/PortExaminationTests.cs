using System.Net;
using System.Net.Sockets;
using MacRunners.Diagnosis;
using MacRunners.Health;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Simulator.Trial;
using MacRunners.Tests.Hosting;
using MacRunners.Tests.Teardown;
using NSubstitute;

namespace MacRunners.Tests.Diagnosis;

public sealed class PortExaminationTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    // Its journal is open, as a running daemon's is.
    private readonly TestMachine _machine = new();
    private readonly IServiceManager _service = Substitute.For<IServiceManager>();

    public PortExaminationTests() => _service.LookAsync(Arg.Any<CancellationToken>()).Returns(new ServiceLook(ServiceState.NotLoaded, HoldsPort: false, "not loaded"));

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task A_free_port_is_fine_while_no_daemon_runs() => Assert.Equal(DoctorStatus.Ok, (await ExamineAsync(FreePort.Take(), runs: false)).Status);

    [Fact]
    public async Task A_port_that_somebody_else_has_is_a_failure_unless_it_is_the_service_manager()
    {
        using var other = new TcpListener(IPAddress.Any, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var finding = await ExamineAsync(port, runs: false);
        Assert.Equal(DoctorStatus.Failed, finding.Status);
        Assert.Contains($"{port}", finding.Remedy);

        _service.LookAsync(Arg.Any<CancellationToken>()).Returns(new ServiceLook(ServiceState.Loaded, HoldsPort: true, "listening"));
        Assert.Equal(DoctorStatus.Ok, (await ExamineAsync(port, runs: false)).Status);
    }

    [Fact]
    public async Task A_running_daemon_is_asked_how_it_is()
    {
        await using (var pages = await Pages.StartAsync(Finding.Healthy("fine")))
        {
            var finding = await ExamineAsync(pages.Client.BaseAddress!.Port, runs: true);
            Assert.Equal(DoctorStatus.Ok, finding.Status);
            Assert.Contains("answered by macrunners", finding.What);
        }

        await using (var pages = await Pages.StartAsync(Finding.Unhealthy("2 GiB free", "free some")))
        {
            var finding = await ExamineAsync(pages.Client.BaseAddress!.Port, runs: true);
            Assert.Equal(DoctorStatus.Warning, finding.Status);
            Assert.Contains("subject is unhealthy: 2 GiB free", finding.What);
        }
    }

    [Fact]
    public async Task A_running_daemon_whose_port_is_silent_or_another_s_is_a_failure()
    {
        Assert.Contains("does not answer", (await ExamineAsync(FreePort.Take(), runs: true)).What);

        using var stranger = new HttpListener();
        var port = FreePort.Take();
        stranger.Prefixes.Add($"http://127.0.0.1:{port}/");
        stranger.Start();
        var answering = Task.Run(
            async () =>
            {
                var context = await stranger.GetContextAsync();
                context.Response.Close("{\"status\":\"healthy\"}"u8.ToArray(), willBlock: true);
            },
            Cancel);
        var finding = await ExamineAsync(port, runs: true);
        await answering;

        Assert.Equal(DoctorStatus.Failed, finding.Status);
        Assert.Contains("by another program", finding.What);
    }

    private async Task<DoctorFinding> ExamineAsync(int port, bool runs) => Assert.Single(await new PortExamination(
        new HttpOptions { Port = port }, _service, runs ? _machine["state"] : _machine["nothing"]).ExamineAsync(Cancel));
}
