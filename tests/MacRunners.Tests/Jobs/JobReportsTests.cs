using MacRunners.Health;
using MacRunners.Jobs;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace MacRunners.Tests.Jobs;

public sealed class JobReportsTests : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly Guid _job = Guid.NewGuid();
    private readonly ILogger<JobReports> _logger = Substitute.For<ILogger<JobReports>>();

    public JobReportsTests()
    {
        _logger.IsEnabled(LogLevel.Error).Returns(true);
        Directory.CreateDirectory(_scratch["jobs"]);
    }

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_report_is_written_beside_the_job_s_log()
    {
        Write();

        Assert.Contains("\"outcome\": \"Finished\"", File.ReadAllText(_scratch[$"jobs/{_job}.json"]), StringComparison.Ordinal);
        Assert.DoesNotContain(_logger.ReceivedCalls(), call => call.GetMethodInfo().Name == nameof(ILogger.Log));
    }

    [Theory]
    [InlineData("the folder is gone", "rmdir $1/jobs")]
    [InlineData("access is denied", "mkdir $1/jobs/$2.json")]
    public void A_disk_that_refuses_costs_the_report_and_nothing_else(string how, string refuse)
    {
        Scratch.Shell(refuse, _scratch.Folder, $"{_job}");

        Write();

        Assert.True(1 == _logger.ReceivedCalls().Count(call => call.GetMethodInfo().Name == nameof(ILogger.Log)), how);
    }

    private void Write()
    {
        var verdict = new JobVerdict(JobOutcome.Finished);
        new JobReports(Options.Create(new PathsOptions { Logs = _scratch.Folder }), _logger)
            .Write(new EndedJob(_job, verdict.Outcome, DateTimeOffset.UnixEpoch, []), new JobLife(_job), verdict, new TeardownReport());
    }
}
