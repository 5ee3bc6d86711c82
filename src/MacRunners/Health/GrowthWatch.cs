using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Health;

/// <summary>
/// Watches what many accounts let grow, and caps it: where the limit is exceeded, no job is taken, since each would add to it. Only the
/// machine's owner can make it small again, because that is a reset for everybody on it.
/// </summary>
internal sealed class GrowthWatch(IPlatform platform, IOptions<PathsOptions> paths, IOptions<HealthOptions> health)
{
    private const long BytesPerKib = 1024;

    private volatile SystemGrowth? _last;

    /// <summary>What the last look found; null before the first.</summary>
    public SystemGrowth? Last => _last;

    /// <summary>Why no job may be taken, with the remedy; null while one may.</summary>
    public string? Problem => _last is { } growth && TooMuch(growth) is { } condition ? $"{condition.What}. {condition.Remedy}" : null;

    /// <summary>Looks now, and judges. Empty where nothing grows.</summary>
    public async Task<IReadOnlyList<SystemCondition>> LookAsync(CancellationToken cancellationToken)
    {
        var growth = await platform.Growth.LookAsync(paths.Value.Homes, cancellationToken);
        _last = growth;
        var conditions = growth.Unknown.Select(what => new SystemCondition(what, "Look by hand, as root and with Full Disk Access.")).ToList();
        if (growth.BackgroundTaskBytes is { } bytes)
        {
            conditions.Add(TooMuch(growth) ?? new SystemCondition($"the database of background tasks has {bytes / BytesPerKib} KiB"));
        }

        if (growth.IndexesHomes is { } indexes)
        {
            conditions.Add(indexes
                ? new SystemCondition(
                    "Spotlight indexes the files of jobs: names and text of them stay in the index, and it grows",
                    $"Switch it off in the image: mdutil -a -i off; or for the jobs' homes alone: touch {Path.Combine(paths.Value.Homes, ".metadata_never_index")}")
                : new SystemCondition("Spotlight does not index the files of jobs"));
        }

        return conditions;
    }

    private SystemCondition? TooMuch(SystemGrowth growth) =>
        health.Value.MaxBackgroundTaskBytes is var limit and > 0 && growth.BackgroundTaskBytes is { } bytes && bytes > limit
            ? new SystemCondition(
                $"the database of background tasks has {bytes / BytesPerKib} KiB, more than Health:MaxBackgroundTaskBytes ({limit / BytesPerKib} KiB): each account adds to it, and its service crashes from about 4 MB",
                "Recycle the machine; or run sfltool resetbtm, which makes everybody's background items ask anew, and restart it.",
                IsFatal: true)
            : null;
}
