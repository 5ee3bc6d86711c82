namespace MacRunners.EndToEnd;

/// <summary>A job that ends when it is told to, and leaves a trace of every time it ran.</summary>
internal sealed class PatientJob
{
    private readonly Worker _worker;
    private readonly string _trace;
    private readonly string _release;

    private PatientJob(Worker worker, string key)
    {
        _worker = worker;
        _trace = Path.Combine(worker.Machine.Folder, $"trace-{key}");
        _release = Path.Combine(worker.Machine.Folder, $"release-{key}");

        // The job's account cannot make files here, and what it makes elsewhere is swept.
        File.WriteAllText(_trace, "");
        File.SetUnixFileMode(_trace, (UnixFileMode)0b110_110_110);
        Id = worker.Queue(
            $"""
            echo "begin $BUILDKITE_JOB_ID" >>'{_trace}'
            until [ -e '{_release}' ]; do sleep 0.05; done
            echo "end $BUILDKITE_JOB_ID" >>'{_trace}'
            """);
    }

    /// <summary>Its id at Buildkite.</summary>
    public string Id { get; }

    /// <summary>What it has written, one line per beginning and per end.</summary>
    public IReadOnlyList<string> Trace => File.ReadAllLines(_trace);

    /// <summary>Queues one.</summary>
    public static PatientJob Queue(Worker worker) => new(worker, $"{Guid.NewGuid():N}");

    /// <summary>Lets it end.</summary>
    public void Release() => File.WriteAllText(_release, "");

    /// <summary>Waits until its commands run.</summary>
    public Task RunsAsync() => _worker.UntilAsync(() => Trace.Count > 0, $"job {Id} runs");

    /// <summary>Waits for the daemon's report, and finds that the job passed, was run once, and left nothing.</summary>
    public async Task PassedOnceAsync()
    {
        var job = await _worker.EndedAsync(Id);
        var report = _worker.Machine.Report(Id)!;
        Assert.Equal(("finished", 0), (job.State, job.ExitStatus));
        Assert.Equal([$"begin {Id}", $"end {Id}"], Trace);
        Assert.Equal("Finished", report["outcome"]!.GetValue<string>());
        Assert.True(report["clean"]!.GetValue<bool>(), report.ToJsonString());
    }
}
