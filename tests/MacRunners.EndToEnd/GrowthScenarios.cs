using System.Net;

namespace MacRunners.EndToEnd;

/// <summary>A machine whose system remembers too much of the accounts there were takes no further job, says so, and goes on when it was reset.</summary>
[Trait("platform", "macos")]
public class GrowthScenarios
{
    [Fact]
    public async Task Above_the_limit_of_the_background_tasks_no_job_is_taken_until_they_are_reset()
    {
        await using var worker = await Worker.InstallAsync("macos");
        var database = Path.Combine(
            Directory.CreateDirectory($"{worker.Machine.EmulatorRoot}/private/var/db/com.apple.backgroundtaskmanagement").FullName, "BackgroundItems-v8.btm");
        await File.WriteAllBytesAsync(database, new byte[3 * 1024 * 1024], TestContext.Current.CancellationToken);
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        var waiting = worker.Queue("echo later");

        await worker.LoggedAsync("No job is taken: the database of background tasks has 3072 KiB");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await worker.HealthIsAsync("unhealthy"));
        Assert.Equal(("3145728", "1"), (await worker.MetricAsync("macrunners_background_tasks_bytes"), await worker.MetricAsync("macrunners_retire")));
        Assert.Equal("scheduled", worker.Buildkite.ViewJob(waiting).State);

        Assert.Equal(0, await worker.Machine.StopDaemonAsync(TestContext.Current.CancellationToken));
        File.Delete(database);
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, (await worker.EndedAsync(waiting)).ExitStatus);
        await worker.IsCleanAsync();
    }
}
