namespace MacRunners.Tests.Agent;

public sealed class StubAgentLogTests : StubAgentHost
{
    [Fact]
    public async Task A_big_log_is_complete_and_in_order()
    {
        var job = AddJob("seq 1 300000");

        var view = await RunAsync(job);

        Assert.True(view.LogComplete);
        Assert.Equal(0, view.ChunksFailedCount);
        var log = Log(job);
        var numbers = log[log.IndexOf("\n1\n", StringComparison.Ordinal)..].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse);
        Assert.Equal(Enumerable.Range(1, 300000), numbers);
        Assert.True(Server.Requests.All("/chunks").Length > 20);
    }

    [Fact]
    public async Task Output_without_a_line_break_arrives_whole()
    {
        const int Size = 20_000_000;
        var job = AddJob($"head -c {Size} /dev/zero | tr '\\0' x");

        var view = await RunAsync(job);

        Assert.Equal(0, view.ExitStatus);
        Assert.True(view.LogComplete);
        Assert.True(Log(job).Count(c => c == 'x') >= Size);
    }

    [Fact]
    public async Task Lines_are_stamped_unless_told_otherwise()
    {
        var stamped = AddJob("echo hello");
        var plain = AddJob("echo hello");

        await RunAsync(stamped);
        await RunAsync(plain, "--no-ansi-timestamps");

        Assert.Matches(@"\e_bk;t=\d{13}\ahello", Job(stamped).Log);
        Assert.DoesNotContain("\e_bk", Job(plain).Log, StringComparison.Ordinal);
        Assert.Contains("\"0\":", Server.Requests.All("/header_times")[0].Body!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_are_redacted_however_they_are_written()
    {
        var job = AddJob(
            "echo $BUILDKITE_AGENT_ACCESS_TOKEN; printf %s deep; sleep 0.1; printf %s ly-hidden; echo; echo $MY_SECRET", ("MY_SECRET", "deeply-hidden"));

        await RunAsync(job);

        Assert.DoesNotContain("bkaj_", Log(job), StringComparison.Ordinal);
        Assert.Contains("\n[REDACTED]\n[REDACTED]\n[REDACTED]\n", Log(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chunks_the_server_refuses_are_counted_and_given_up()
    {
        var job = AddJob("echo hello");
        Server.Faults.Add(new() { Route = "jobs/*/chunks", Status = 400, Count = 1 });

        var view = await RunAsync(job);

        Assert.Equal(0, view.ExitStatus);
        Assert.Equal(1, view.ChunksFailedCount);
    }

    [Fact]
    public async Task The_log_can_also_go_to_standard_output_and_to_a_file()
    {
        var job = AddJob("echo hello; grep -c hello $BUILDKITE_JOB_LOG_TMPFILE");

        var ended = await StartFor(job, "--write-job-logs-to-stdout", "--enable-job-log-tmpfile").WaitAsync();

        Assert.Contains("hello", ended.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Scratch["tmp"]));
    }
}
