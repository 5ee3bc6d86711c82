using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Volumes;

/// <summary>How a volume is to be mounted. Nothing is set that was not asked for.</summary>
internal static class MountSettings
{
    /// <summary>Linux has no flag for volumes that are not to be shown; this one changes nothing else, since times of access are kept or not by another.</summary>
    internal const ulong NoBrowse = MountAttributes.NoDirectoryAccessTimes;

    /// <summary>How Linux shows that.</summary>
    internal const string NoBrowseOption = "nodiratime";

    /// <summary>Reads <c>nosuid,nodev,…</c>; null when there is one that is not known.</summary>
    internal static ulong? Parse(string options)
    {
        var attributes = 0UL;
        foreach (var option in options.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Attribute(option) is not { } attribute)
            {
                return null;
            }

            attributes |= attribute;
        }

        return attributes;
    }

    private static ulong? Attribute(string option) => option switch
    {
        "rdonly" => MountAttributes.ReadOnly,
        "nosuid" => MountAttributes.NoSetId,
        "nodev" => MountAttributes.NoDevices,
        "noexec" => MountAttributes.NoExecution,
        "nobrowse" => NoBrowse,
        _ => null,
    };
}
