using System.Globalization;
using System.Text.RegularExpressions;

namespace MacRunners.MacEmulator.Tools.Diskutil;

/// <summary>What may follow the name in <c>diskutil apfs addVolume</c>.</summary>
/// <param name="MountPoint">An existing folder; null: one below <c>/Volumes</c>.</param>
/// <param name="NoMount">It is not mounted at all.</param>
/// <param name="Role">What the system is to take it for.</param>
/// <param name="Quota">How many bytes it may grow to.</param>
/// <param name="Reserve">How many bytes are kept for it.</param>
internal sealed partial record AddVolumeOptions(string? MountPoint = null, bool NoMount = false, string? Role = null, long? Quota = null, long? Reserve = null)
{
    private const int Decimal = 1000;
    private const int Binary = 1024;
    private const string Units = "bkmgtpe";

    /// <summary>Null: they are not understood.</summary>
    internal static AddVolumeOptions? Parse(IReadOnlyList<string> arguments)
    {
        var options = new AddVolumeOptions();
        for (var i = 0; i < arguments.Count && options is not null; i++)
        {
            options = arguments[i].ToUpperInvariant() switch
            {
                "-NOMOUNT" => options with { NoMount = true },
                "-MOUNTPOINT" when ++i < arguments.Count => options with { MountPoint = arguments[i] },
                "-ROLE" when ++i < arguments.Count => options with { Role = arguments[i] },
                "-QUOTA" when ++i < arguments.Count && Bytes(arguments[i]) is { } quota => options with { Quota = quota },
                "-RESERVE" when ++i < arguments.Count && Bytes(arguments[i]) is { } reserve => options with { Reserve = reserve },
                _ => null,
            };
        }

        return options is { NoMount: true, MountPoint: not null } ? null : options;
    }

    // 10g are powers of ten, 10gi of two; without a unit bytes.
    private static long? Bytes(string text)
    {
        if (Size().Match(text) is not { Success: true } match)
        {
            return null;
        }

        var unit = match.Groups[2].Value.ToLowerInvariant();
        var factor = Math.Pow(match.Groups[3].Length > 0 ? Binary : Decimal, unit.Length > 0 ? Units.IndexOf(unit, StringComparison.Ordinal) : 0);
        return (long)(double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * factor);
    }

    [GeneratedRegex(@"^(\d+(?:\.\d+)?)([bkmgtpe]?)(i?)b?$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Size();
}
