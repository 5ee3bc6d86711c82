using MacRunners.Hosting;
using MacRunners.Hosting.Logging;
using MacRunners.Platform.Linux;
using MacRunners.Settings;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MacRunners.Tests.Hosting;

public sealed partial class JobLogTests : IDisposable
{
    private readonly Scratch _scratch = RootFolder.Create();
    private readonly IHost _host;
    private readonly ILogger _logger;
    private readonly IJobLogs _logs;

    public JobLogTests()
    {
        var paths = new PathsOptions { State = _scratch["state"], Logs = _scratch["logs"], Homes = _scratch["homes"], Run = _scratch["run"] };
        var folders = new StateFolders(paths, new LinuxFileCalls());
        folders.Ensure();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddMacRunnersLogging(new LogOptions { KeepJobs = 3 }, paths, folders);
        _host = builder.Build();
        _logger = _host.Services.GetRequiredService<ILogger<JobLogTests>>();
        _logs = _host.Services.GetRequiredService<IJobLogs>();
    }

    public void Dispose()
    {
        _host.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void A_job_s_file_gets_the_lines_of_its_scope_and_no_others()
    {
        var (mine, other) = (Guid.NewGuid(), Guid.NewGuid());
        using (_logs.Open(mine))
        using (_logs.Open(other))
        {
            Say(mine, "mine");
            Say(other, "other's");
            Line(_logger, "nobody's");
        }

        Say(mine, "too late");
        var line = Assert.Single(File.ReadAllLines(PathOf(mine)));
        Assert.EndsWith("INF JobLogTests: mine", line);
    }

    [Fact]
    public void A_line_may_name_its_job_itself()
    {
        var job = Guid.NewGuid();
        using var log = _logs.Open(job);
        About(_logger, job);
        Assert.Single(File.ReadAllLines(PathOf(job)));
    }

    [Fact]
    public void Opening_again_goes_on_in_the_same_file()
    {
        var job = Guid.NewGuid();
        using (_logs.Open(job))
        {
            Say(job, "before");
        }

        using (_logs.Open(job))
        {
            Say(job, "after");
        }

        Assert.Equal(2, File.ReadAllLines(PathOf(job)).Length);
    }

    [Fact]
    public void The_oldest_files_go_first_and_open_ones_stay()
    {
        var jobs = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToArray();
        using var open = _logs.Open(jobs[0]);
        foreach (var (job, age) in jobs.Skip(1).Select((job, index) => (job, 5 - index)))
        {
            _logs.Open(job).Dispose();
            File.SetLastWriteTimeUtc(PathOf(job), DateTime.UnixEpoch.AddDays(100 - age));
        }

        var last = Guid.NewGuid();
        _logs.Open(last).Dispose();
        Assert.Equal(
            new[] { jobs[0], jobs[4], last }.Select(PathOf).Order(StringComparer.Ordinal),
            Directory.GetFiles(_scratch["logs/jobs"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Log_files_are_readable_by_root_and_its_group_alone()
    {
        var job = Guid.NewGuid();
        using var log = _logs.Open(job);
        Say(job, "x");
        Assert.Equal("640\n640\n", Scratch.Shell("stat -c %a $1/logs/jobs/*.log $1/logs/*.json", _scratch.Folder));
    }

    [Fact]
    public void Data_can_neither_begin_a_line_nor_steer_a_terminal()
    {
        var job = Guid.NewGuid();
        using var log = _logs.Open(job);
        Say(job, "one\ntwo \u001b[2J \u202e end");
        Assert.EndsWith("one\\ntwo \\x1b[2J \\u202e end", Assert.Single(File.ReadAllLines(PathOf(job))));
    }

    [Fact]
    public void A_folder_that_refuses_costs_the_lines_but_not_the_job()
    {
        Scratch.Shell("chattr +i $1/logs/jobs", _scratch.Folder);
        var job = Guid.NewGuid();
        using var log = _logs.Open(job);
        Say(job, "x");
        Assert.Empty(Directory.GetFiles(_scratch["logs/jobs"]));
    }

    private void Say(Guid job, string what)
    {
        using var scope = _logger.BeginScope(IJobLogs.Scope(job));
        Line(_logger, what);
    }

    private string PathOf(Guid job) => _scratch[$"logs/jobs/{job:D}.log"];

    [LoggerMessage(1, LogLevel.Information, "{What}")]
    private static partial void Line(ILogger logger, string what);

    [LoggerMessage(2, LogLevel.Information, "About {JobId}")]
    private static partial void About(ILogger logger, Guid jobId);
}
