using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health;

/// <summary>
/// Which status of one check is shown, so that what wavers does not make the page waver: a worse one at once, since nobody may take a
/// sick machine for a sound one; a better one when <see cref="GoodLooks"/> looks in a row have found it, and then the worst of these.
/// Whatever touches a limit again and again, such as a disk that is nearly full, thus stays in the worse state until it keeps away from it.
/// </summary>
/// <remarks>Not so where there is nothing to waver: what was only waited for ends at once (<see cref="Finding.Awaited"/>).</remarks>
internal sealed class SteadyVerdict
{
    /// <summary>Looks in a row that must be better before it is believed.</summary>
    public const int GoodLooks = 3;

    private HealthCheckResult? _shown;
    private HealthCheckResult _worst;
    private int _betterLooks;

    /// <summary>Whether better looks are being counted: the next one is worth having soon.</summary>
    public bool IsCounting => _betterLooks > 0;

    /// <summary>Takes a look into account.</summary>
    /// <param name="now">What it found.</param>
    /// <param name="isExact">The check tells a state that is known, not a measurement: it is shown as it is.</param>
    /// <returns>What to show.</returns>
    public HealthCheckResult Look(HealthCheckResult now, bool isExact)
    {
        if (isExact || _shown is not { } shown || now.Status <= shown.Status || Finding.IsAwaited(shown))
        {
            return Show(now);
        }

        _worst = _betterLooks == 0 || now.Status <= _worst.Status ? now : _worst;
        _betterLooks++;
        return _betterLooks == GoodLooks
            ? Show(_worst)
            : new HealthCheckResult(
                shown.Status,
                $"{shown.Description} (better now: {now.Description}; believed when {GoodLooks} looks in a row say so, this was number {_betterLooks})",
                data: shown.Data);
    }

    private HealthCheckResult Show(HealthCheckResult result)
    {
        _shown = result;
        _betterLooks = 0;
        return result;
    }
}
