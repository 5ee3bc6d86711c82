namespace MacRunners.EndToEnd;

/// <summary>Full Disk Access is the daemon's, for deleting accounts, and not its jobs'. The emulated system knows who answers for itself by <c>THP_enabled</c>.</summary>
[Trait("platform", "macos")]
public class GrantScenarios
{
    private const string Look = """echo "answers=$(sed -n 's/^THP_enabled:[[:space:]]*//p' /proc/self/status)" """;

    [Fact]
    public async Task What_was_granted_to_the_daemon_does_not_reach_jobs()
    {
        await using var worker = await Worker.StartAsync("macos");

        var (job, report) = await worker.RunAsync(Look);

        Assert.Equal("0", Worker.Value(job, "answers"));
        Assert.Contains("THP_enabled:\t1", await File.ReadAllLinesAsync($"/proc/{worker.Machine.DaemonPid}/status", TestContext.Current.CancellationToken));
        Assert.True(report["clean"]!.GetValue<bool>());
    }

    [Fact]
    public async Task An_operator_can_let_jobs_have_it()
    {
        await using var worker = await Worker.StartAsync("macos", new Dictionary<string, string> { ["Agent:InheritGrants"] = "true" });

        var (job, _) = await worker.RunAsync(Look);

        Assert.Equal("1", Worker.Value(job, "answers"));
    }
}
