using System.Globalization;

namespace MacRunners.FaultyDaemon;

/// <summary>A wall clock that somebody sets, now and then. Time that has passed, and timers, are not affected, as on a real machine.</summary>
/// <param name="file">Holds the shift, as in <c>1.00:00:00</c>; must exist, and be replaced by renaming.</param>
internal sealed class ShiftedTime(string file) : TimeProvider
{
    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.ParseExact(File.ReadAllText(file), "c", CultureInfo.InvariantCulture);
}
