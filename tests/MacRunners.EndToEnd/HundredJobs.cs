using System.Globalization;

namespace MacRunners.EndToEnd;

/// <summary>Alone on the machine, since it counts what is on it.</summary>
[CollectionDefinition(nameof(HundredJobs), DisableParallelization = true)]
public sealed class HundredJobsCollection;

/// <summary>Nothing accumulates: accounts, processes, homes, files, descriptors.</summary>
[Collection(nameof(HundredJobs))]
public class HundredJobs
{
    [Fact]
    public async Task After_a_hundred_jobs_the_machine_is_as_before()
    {
        await using var worker = await Worker.StartAsync("linux", new Dictionary<string, string>
        {
            ["Jobs:Slots"] = "4",
            ["Buildkite:PollInterval"] = "00:00:00.2",
        });
        _ = await worker.RunAsync("true");
        await worker.IsCleanAsync();
        var before = Snapshot(worker);

        var ids = Enumerable.Range(0, 100)
            .Select(i => worker.Queue($"touch /tmp/h-$BUILDKITE_JOB_ID; mkdir -p ~/a/b; (setsid sleep 600 >/dev/null 2>&1 &); exit {i % 3}"))
            .ToList();
        foreach (var id in ids)
        {
            _ = await worker.EndedAsync(id);
        }

        await worker.IsCleanAsync();
        await worker.UntilAsync(() => Snapshot(worker) == before, $"the machine is as before ({before}); at first it was {Snapshot(worker)}");
        Assert.All(ids, id => Assert.True(worker.Machine.Report(id)!["clean"]!.GetValue<bool>()));
        Assert.Equal([0, 1, 2], ids.Select(id => worker.Buildkite.ViewJob(id).ExitStatus!.Value).Distinct().Order());
    }

    private static string Snapshot(Worker worker)
    {
        var descriptors = Directory.EnumerateFileSystemEntries($"/proc/{worker.Machine.DaemonPid}/fd")
            .Select(path => new FileInfo(path).LinkTarget ?? "")
            .Count(target => !target.StartsWith("socket:", StringComparison.Ordinal)); // Pooled connections come and go.
        var processes = Directory.EnumerateDirectories("/proc").Count(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var pid)
            && pid != worker.Machine.DaemonPid && IsOfRange(path, worker));
        return $"accounts {File.ReadLines("/etc/passwd").Count()}, groups {File.ReadLines("/etc/group").Count()}, processes {processes}, "
            + $"homes {Directory.EnumerateFileSystemEntries(worker.Machine.Homes).Count()}, "
            + $"/tmp {Directory.EnumerateFileSystemEntries("/tmp").Count(path => !Path.GetFileName(path).StartsWith("MSBuild", StringComparison.Ordinal))}, "
            + $"pipes {Directory.EnumerateFileSystemEntries(Path.Combine(worker.Machine.Folder, "run", "output")).Count()}, descriptors {descriptors}";
    }

    private static bool IsOfRange(string process, Worker worker)
    {
        try
        {
            var uid = uint.Parse(
                File.ReadLines(Path.Combine(process, "status")).First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1],
                CultureInfo.InvariantCulture);
            return uid >= worker.Machine.Uids.First && uid <= worker.Machine.Uids.Last;
        }
        catch (IOException)
        {
            // Gone meanwhile.
            return false;
        }
    }
}
