using MacRunners.Diagnosis;
using MacRunners.Hosting;
using MacRunners.Settings;
using MacRunners.Simulator.Serve;
using MacRunners.Tests.Simulator;
using Microsoft.Extensions.Time.Testing;

namespace MacRunners.Tests.Diagnosis;

public sealed class BuildkiteExaminationTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_that_is_accepted_is_told_and_nothing_is_registered()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { ClusterTokens = [Service.ClusterToken], Queues = ["main"] }, TimeProvider.System, Cancel);
        var findings = await ExamineAsync(server.Endpoint, Service.ClusterToken, TimeProvider.System);

        Assert.Equal([DoctorStatus.Ok, DoctorStatus.Ok], findings.Select(finding => finding.Status));
        Assert.Contains("accepts the token", findings[0].What);
        var request = Assert.Single(server.Requests.All());
        Assert.Equal(("GET", "/v3/token"), (request.Method, request.Path));
    }

    [Fact]
    public async Task A_token_that_is_refused_is_a_failure()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { ClusterTokens = [Service.ClusterToken], Queues = ["main"] }, TimeProvider.System, Cancel);
        var finding = (await ExamineAsync(server.Endpoint, "bkct_wrong", TimeProvider.System))[0];

        Assert.Equal(DoctorStatus.Failed, finding.Status);
        Assert.Contains("401", finding.What);
        Assert.DoesNotContain("bkct_wrong", finding.What);
    }

    [Fact]
    public async Task An_address_where_nobody_answers_is_a_failure()
    {
        var finding = Assert.Single(await ExamineAsync(new Uri("http://127.0.0.1:9/v3"), Service.ClusterToken, TimeProvider.System));

        Assert.Equal(DoctorStatus.Failed, finding.Status);
        Assert.Contains("127.0.0.1:9", finding.What);
    }

    [Theory]
    [InlineData(0, "Ok")]
    [InlineData(60, "Warning")]
    [InlineData(-60, "Warning")]
    [InlineData(600, "Failed")]
    [InlineData(-600, "Failed")]
    public async Task A_clock_that_is_wrong_is_noticed_by_the_date_of_the_answer(int seconds, string status)
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { ClusterTokens = [Service.ClusterToken], Queues = ["main"] }, TimeProvider.System, Cancel);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddSeconds(seconds));
        var finding = (await ExamineAsync(server.Endpoint, Service.ClusterToken, time))[^1];

        Assert.Equal(status, finding.Status.ToString());
        Assert.Contains("clock", finding.What);
    }

    private static Task<IReadOnlyList<DoctorFinding>> ExamineAsync(Uri endpoint, string token, TimeProvider time) =>
        new BuildkiteExamination(new BuildkiteOptions { Endpoint = endpoint, Queue = "main" }, new FixedAgentToken(token, time), time).ExamineAsync(Cancel);
}
