using MacRunners.Telemetry;

namespace MacRunners.Hosting.Http;

/// <summary>
/// The text of <c>/metrics</c>. It is collected once at a time, and everybody who asks meanwhile gets the next one: always
/// fresh, and a thousand scrapers cost as much as one.
/// </summary>
internal sealed class MetricsText(DaemonMetrics metrics)
{
    private readonly Lock _gate = new();
    private Task<byte[]> _present = Task.FromResult<byte[]>([]);
    private Task<byte[]>? _next;

    /// <summary>Collects.</summary>
    public Task<byte[]> CollectAsync()
    {
        lock (_gate)
        {
            if (_next is { } waiting)
            {
                return waiting;
            }

            if (_present.IsCompleted)
            {
                return _present = Task.Run(ExportAsync);
            }

            return _next = FollowAsync(_present);
        }
    }

    private async Task<byte[]> FollowAsync(Task present)
    {
        await present.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        Task<byte[]> mine;
        lock (_gate)
        {
            // Whoever asks from now on is too late for this one.
            _next = null;
            mine = _present = Task.Run(ExportAsync);
        }

        return await mine;
    }

    private async Task<byte[]> ExportAsync()
    {
        using var text = new MemoryStream();
        await metrics.Registry.CollectAndExportAsTextAsync(text, CancellationToken.None);
        return text.ToArray();
    }
}
