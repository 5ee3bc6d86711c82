using MacRunners.MacEmulator.Native;
using MacRunners.MacEmulator.Volumes;

namespace MacRunners.MacEmulator.Tools.Diskutil;

/// <summary>What may stand before the device in <c>diskutil mount</c>.</summary>
/// <param name="MountPoint">An existing folder; null: one below <c>/Volumes</c>.</param>
/// <param name="Attributes">How it is to be mounted; null: the file system knows no such option.</param>
internal sealed record MountVolumeOptions(string? MountPoint = null, ulong? Attributes = 0)
{
    /// <summary>Null: they are not understood.</summary>
    internal static MountVolumeOptions? Parse(IReadOnlyList<string> arguments)
    {
        var options = new MountVolumeOptions();
        for (var i = 0; i < arguments.Count && options is not null; i++)
        {
            options = arguments[i].ToUpperInvariant() switch
            {
                "READONLY" => options with { Attributes = options.Attributes | MountAttributes.ReadOnly },
                "NOBROWSE" => options with { Attributes = options.Attributes | MountSettings.NoBrowse },
                "-MOUNTOPTIONS" when ++i < arguments.Count => options with { Attributes = options.Attributes | MountSettings.Parse(arguments[i]) },
                "-MOUNTPOINT" when ++i < arguments.Count => options with { MountPoint = arguments[i] },
                _ => null,
            };
        }

        return options;
    }
}
