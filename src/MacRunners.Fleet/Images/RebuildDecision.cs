namespace MacRunners.Fleet.Images;

/// <summary>Whether an image has to be built.</summary>
/// <param name="MacOs">Major version of macOS.</param>
/// <param name="IsDue">The decision.</param>
/// <param name="Reason">Why, for people.</param>
/// <param name="Newest">The promoted image that was looked at; null for none.</param>
internal sealed record RebuildDecision(int MacOs, bool IsDue, string Reason, string? Newest)
{
    /// <summary>How far clocks may differ before an image counts as one from the future.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(10);

    /// <summary>Decides. Whatever is unknown counts in favour of building.</summary>
    /// <param name="macOs">Major version of macOS.</param>
    /// <param name="promoted">Promoted images, newest first.</param>
    /// <param name="now">The time.</param>
    /// <param name="maxAge">From this age on it is rebuilt.</param>
    /// <param name="isForced">Whether an operator asked for it.</param>
    /// <param name="changedSince">Inputs of the build that changed since a commit; null when that commit is unknown.</param>
    public static RebuildDecision Make(
        int macOs, IReadOnlyList<ImageName> promoted, DateTimeOffset now, TimeSpan maxAge, bool isForced, Func<string, IReadOnlyList<string>?> changedSince)
    {
        var newest = promoted.FirstOrDefault(image => image.MacOs == macOs);
        RebuildDecision Because(bool isDue, string reason) => new(macOs, isDue, reason, newest?.ToString());
        if (isForced)
        {
            return Because(true, "forced");
        }

        if (newest is null)
        {
            return Because(true, "no promoted image");
        }

        var age = now - newest.BuiltAt;
        if (age < -ClockTolerance)
        {
            return Because(true, $"built {-age.TotalMinutes:0} min in the future: the clock here or where it was built is wrong, so its age is unknown");
        }

        if (age >= maxAge)
        {
            return Because(true, $"{age.TotalHours:0.#} h old, at most {maxAge.TotalHours:0.#} h");
        }

        return changedSince(newest.Commit) switch
        {
            null => Because(true, $"commit {newest.Commit} is not in this clone, so changes are unknown"),
            { Count: > 0 } changed => Because(true, $"changed since: {string.Join(", ", changed.Take(5))}{(changed.Count > 5 ? $" and {changed.Count - 5} more" : "")}"),
            _ => Because(false, $"{Math.Max(0, age.TotalHours):0.#} h old, and nothing changed since {newest.Commit}"),
        };
    }
}
