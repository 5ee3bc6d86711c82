using System.ComponentModel;

namespace MacRunners.Settings;

/// <summary>Section <c>Platform</c>: for tests and trials of the macOS code elsewhere.</summary>
internal sealed class PlatformOptions
{
    /// <summary>Which implementation.</summary>
    [Description("auto, linux or macos; macos on Linux needs Root")]
    public PlatformKind Kind { get; set; } = PlatformKind.Auto;

    /// <summary>Prefix of every system path the macOS code uses.</summary>
    [Description("Prefix of all system paths of the macOS code, where an emulator stands; empty on a Mac")]
    public string Root { get; set; } = "";
}

/// <summary>Implementations of the platform seam.</summary>
internal enum PlatformKind
{
    /// <summary>The one of the running system.</summary>
    Auto,

    /// <summary>Linux.</summary>
    Linux,

    /// <summary>macOS.</summary>
    MacOS,
}
