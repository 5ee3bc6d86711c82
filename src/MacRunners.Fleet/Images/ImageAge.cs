namespace MacRunners.Fleet.Images;

/// <summary>Whether the image that the fleet takes is too old: the pipeline, which makes one each night, has stood still.</summary>
/// <param name="MacOs">Major version of macOS.</param>
/// <param name="IsTooOld">The verdict.</param>
/// <param name="Reason">Why, for people.</param>
/// <param name="Newest">The promoted image that was looked at; null for none.</param>
internal sealed record ImageAge(int MacOs, bool IsTooOld, string Reason, string? Newest)
{
    /// <summary>Decides. Whatever is unknown counts as too old.</summary>
    /// <param name="macOs">Major version of macOS.</param>
    /// <param name="promoted">Promoted images, newest first.</param>
    /// <param name="now">The time.</param>
    /// <param name="maxAge">From this age on it is too old.</param>
    public static ImageAge Make(int macOs, IReadOnlyList<ImageName> promoted, DateTimeOffset now, TimeSpan maxAge)
    {
        if (promoted.FirstOrDefault(image => image.MacOs == macOs) is not { } newest)
        {
            return new ImageAge(macOs, true, "no image is promoted", Newest: null);
        }

        var age = now - newest.BuiltAt;
        return age < -RebuildDecision.ClockTolerance
            ? new ImageAge(macOs, true, $"built {-age.TotalMinutes:0} min in the future: the clock here or where it was built is wrong, so its age is unknown", newest.ToString())
            : new ImageAge(macOs, age >= maxAge, $"the last promoted image is {Math.Max(0, age.TotalHours):0.#} h old, at most {maxAge.TotalHours:0.#} h", newest.ToString());
    }
}
