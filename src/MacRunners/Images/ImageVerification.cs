using MacRunners.Platform;

namespace MacRunners.Images;

/// <summary>Runs all probes, if what root is about to start is safe from jobs: at the same time, each within the limit, and at the end those that want the machine for themselves.</summary>
/// <param name="first">Run before anything else; when it fails, the others are skipped.</param>
/// <param name="probes">In the order of the report.</param>
/// <param name="last">Run one after the other when all others have ended.</param>
/// <param name="limit">Of each probe.</param>
/// <param name="time">Clock of the limits.</param>
internal sealed class ImageVerification(ImageProbe first, IReadOnlyList<ImageProbe> probes, IReadOnlyList<ImageProbe> last, TimeSpan limit, TimeProvider time)
{
    /// <summary>Runs them.</summary>
    public async Task<ImageReport> RunAsync(CancellationToken cancellationToken)
    {
        var results = new List<ProbeResult> { await RunAsync(first, isLast: false, cancellationToken) };
        if (!results[0].Passed)
        {
            results.AddRange(probes.Concat(last).Select(probe => ProbeResult.Of(probe.Name, new(ProbeStatus.Skipped, null, $"not started before {first.Name} is as it should be", null), TimeSpan.Zero)));
            return ImageReport.Of(results);
        }

        results.AddRange(await Task.WhenAll(probes.Select(probe => RunAsync(probe, isLast: false, cancellationToken))));
        foreach (var probe in last)
        {
            results.Add(await RunAsync(probe, isLast: true, cancellationToken));
        }

        return ImageReport.Of(results);
    }

    private async Task<ProbeResult> RunAsync(ImageProbe probe, bool isLast, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        ProbeFinding finding;
        try
        {
            // On a thread of the pool: a look may block in a system call before it returns a task. One that changes the machine
            // ends in its own time: it tears down what it has begun.
            var finds = Task.Run(() => probe.RunAsync(either.Token), either.Token);
            finding = await (isLast ? finds : finds.WaitAsync(either.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            finding = new(ProbeStatus.Failed, $"an answer within {limit.TotalSeconds:0} s", "none", null);
        }
        catch (Exception e) when (e is ToolException or IOException or UnauthorizedAccessException or InvalidDataException or HttpRequestException or PosixException or AccountDirectoryException)
        {
            finding = new(ProbeStatus.Failed, "an answer", e.Message, null);
        }

        return ProbeResult.Of(probe.Name, finding, time.GetElapsedTime(began));
    }
}
