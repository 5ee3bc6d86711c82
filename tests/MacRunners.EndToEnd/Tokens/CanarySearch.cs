using MacRunners.Simulator.Faults;
using MacRunners.Simulator.Messages;

namespace MacRunners.EndToEnd.Tokens;

/// <summary>Alone on the machine: it asks whatever listens there, and plants tokens that another search would find.</summary>
[CollectionDefinition(nameof(CanarySearch), DisableParallelization = true)]
public sealed class CanaryCollection;

/// <summary>A job that looks for tokens wherever it can finds none but its own.</summary>
[Collection(nameof(CanarySearch))]
public abstract class CanarySearch(string platform)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    // Root's own things besides tokens, and what a job is given instead of them.
    private const string Inheritance = """
        echo "umask=$(umask)"; echo "groups=$(id -G)"; echo "uid=$(id -u)"; echo "core=$(ulimit -Hc)"
        env | cut -d= -f1 | grep -E '^(DOTNET|MACRUNNERS|SUDO|SSH)' | sed 's/^/leak=/'
        env | grep -E '^BUILDKITE_AGENT_TOKEN=' | sed 's/=.*//; s/^/leak=/'

        """;

    [Fact]
    public async Task A_job_finds_no_token_but_its_own_and_inherits_nothing_of_root()
    {
        var since = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 1;
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string> { ["Jobs:Slots"] = "2" });
        await using var planted = new PlantedTokens(worker.Machine);
        var gate = Path.Combine(worker.Machine.Folder, "gate");
        var other = worker.Queue($"echo begins; until [ -e {gate} ]; do sleep 0.1; done");
        await worker.PrintsAsync(other, "begins");

        var job = await SearchAsync(worker, planted, since);
        await File.WriteAllTextAsync(gate, "", Cancel);
        Assert.Equal(0, (await worker.EndedAsync(other)).ExitStatus);

        var found = Finding.Of(job);
        planted.AssertFound(found);
        var own = Assert.Single(worker.Buildkite.AcquisitionTokens(), token => token.Job == job.Id).Token;
        var others = TokenTraces.SecretsOf(worker.Machine).Where(token => token != own).ToList();
        Assert.Equal(2, others.Count);
        Assert.DoesNotContain(found, finding => others.Any(finding.IsOf));

        // Its own is good for nothing but what it does already. It is in the agent's environment and memory, and nowhere else.
        Assert.Contains(found, finding => finding.Kind == "environment" && finding.IsOf(own));
        Assert.All(found.Where(finding => finding.IsOf(own)), finding => Assert.Contains(finding.Kind, (string[])["environment", "memory"]));
        InheritedNothing(job);
        await LeftNoTokenAsync(worker);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task With_the_fallback_the_agent_token_is_nowhere_to_be_found()
    {
        var since = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 1;
        await using var worker = await Worker.InstallAsync(platform, new Dictionary<string, string> { ["Buildkite:AllowAgentTokenFallback"] = "true" });

        // Asked for with the fallback: Linux shows memory and environment of a program that cannot be read to nobody but root.
        File.SetUnixFileMode(Path.Combine(worker.Machine.Folder, "bin", "buildkite-agent"), (UnixFileMode)0b111_001_001);
        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.LoggedAsync("Buildkite:AllowAgentTokenFallback is on");
        _ = worker.Machine.Buildkite.Faults.Add(new FaultSpec { NotIssued = "*" });
        await using var planted = new PlantedTokens(worker.Machine);

        var job = await SearchAsync(worker, planted, since);

        var found = Finding.Of(job);
        planted.AssertFound(found);
        Assert.Empty(worker.Buildkite.AcquisitionTokens());
        Assert.DoesNotContain(found, finding => finding.IsOf(worker.Machine.ClusterToken));
        InheritedNothing(job);
        Assert.Contains($"The agent token itself is handed to the agent of job {job.Id}", worker.ConsoleText(), StringComparison.Ordinal);
        using var client = new HttpClient { BaseAddress = worker.Machine.Http };
        Assert.Contains("macrunners_agent_token_fallbacks_total 1", await client.GetStringAsync("metrics", Cancel), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(worker.Machine.Folder, "run", "token")));
        await LeftNoTokenAsync(worker);
        await worker.IsCleanAsync();
    }

    private static async Task<JobView> SearchAsync(Worker worker, PlantedTokens planted, long since)
    {
        var search = Path.Combine(worker.Machine.Folder, "search.py");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Tokens", "search.py"), search);
        var id = worker.Queue(
            $"{Inheritance}/usr/bin/python3 {search} {planted.ControlFile} {since} {worker.Machine.Folder} /etc /run /tmp /var /opt /home /dev/shm");
        var job = await worker.EndedAsync(id);
        Assert.Equal(0, job.ExitStatus);
        Assert.Contains("done", Worker.Printed(job));
        return job;
    }

    private static void InheritedNothing(JobView job)
    {
        Assert.Equal("0077", Worker.Value(job, "umask"));
        Assert.Equal(Worker.Value(job, "uid"), Worker.Value(job, "groups"));
        Assert.Equal("0", Worker.Value(job, "core"));
        Assert.Contains("dumped 0", Worker.Printed(job));
        var limits = Worker.Printed(job).Where(line => line.StartsWith("limit core ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(limits);
        Assert.All(limits, limit => Assert.Equal("limit core 0", limit));
        Assert.DoesNotContain(Worker.Printed(job), line => line.StartsWith("leak=", StringComparison.Ordinal));
    }

    // Root's own look, at what the machine wrote and at what it tells everybody.
    private static async Task LeftNoTokenAsync(Worker worker)
    {
        Assert.Empty(TokenTraces.Find(worker.Machine));
        using var client = new HttpClient { BaseAddress = worker.Machine.Http };
        foreach (var page in (string[])["", "health", "health/ready", "metrics"])
        {
            using var answer = await client.GetAsync(page, Cancel);
            var text = $"{answer}{await answer.Content.ReadAsStringAsync(Cancel)}";
            Assert.All(TokenTraces.SecretsOf(worker.Machine), secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        }

        // And that look would have seen one.
        var log = Path.Combine(worker.Machine.Logs, "jobs", "planted.log");
        await File.WriteAllTextAsync(log, $"before {worker.Machine.ClusterToken} after", Cancel);
        Assert.Equal($"a bkct token in {log}", Assert.Single(TokenTraces.Find(worker.Machine)));
        File.Delete(log);
    }
}

/// <summary>Whether the search is tried on all it should find.</summary>
public class CanaryControls
{
    [Fact]
    public void A_core_file_is_among_what_the_search_is_tried_on()
    {
        var folder = Path.Combine("/var/lib/macrunners-dev", $"core-{Guid.NewGuid():n}");
        try
        {
            var why = PlantedTokens.WhyNoCore(folder, "none");
            Assert.SkipWhen(why is not null, why ?? "");
            Assert.NotEmpty(Directory.GetFiles(folder));
        }
        finally
        {
            Array.ForEach(Directory.GetFiles(folder), File.Delete);
            Directory.Delete(folder);
        }
    }
}

/// <summary>Real accounts of the host.</summary>
public class CanaryOnLinux() : CanarySearch("linux");

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class CanaryOnMacOS() : CanarySearch("macos");
