using System.Text.Json.Serialization;

namespace MacRunners.Images;

/// <summary>How software comes into the image.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "by")]
[JsonDerivedType(typeof(Archive), "archive")]
[JsonDerivedType(typeof(HomebrewInstallation), "homebrew")]
[JsonDerivedType(typeof(XcodeInstallation), "xcode")]
[JsonDerivedType(typeof(SimulatorInstallation), "simulator")]
[JsonDerivedType(typeof(SoftwareUpdateInstallation), "softwareupdate")]
[JsonDerivedType(typeof(BaseInstallation), "base")]
[JsonDerivedType(typeof(NoInstallation), "nothing")]
internal abstract record SoftwareInstallation;

/// <summary>An archive with a known checksum, unpacked below <c>/opt</c>.</summary>
/// <param name="Format"><c>tar.gz</c>, <c>tar.xz</c> or <c>zip</c>.</param>
/// <param name="TopFolder">Whether everything in it is in one folder, which is left out.</param>
/// <param name="Links">Names in <c>/usr/local/bin</c>, and what they point to in the archive.</param>
/// <param name="Downloads">By processor: <c>arm64</c>, <c>x64</c>, <c>universal</c>.</param>
internal sealed record Archive(string Format, bool TopFolder, IReadOnlyDictionary<string, string> Links, IReadOnlyDictionary<string, Download> Downloads) : SoftwareInstallation;

/// <summary>A Homebrew formula, in its current version.</summary>
/// <param name="Formula">Its name.</param>
internal sealed record HomebrewInstallation(string Formula) : SoftwareInstallation;

/// <summary>An Xcode of the operator's own storage (.xip), as <c>/Applications/Xcode-VERSION.app</c>: several may stand side by side.</summary>
/// <param name="Downloads">By processor, nearly always <c>universal</c>.</param>
internal sealed record XcodeInstallation(IReadOnlyDictionary<string, Download> Downloads) : SoftwareInstallation;

/// <summary>A simulator's runtime of the operator's own storage (.dmg).</summary>
/// <param name="Downloads">By processor.</param>
internal sealed record SimulatorInstallation(IReadOnlyDictionary<string, Download> Downloads) : SoftwareInstallation;

/// <summary>Apple's command-line tools, by <c>softwareupdate</c>.</summary>
internal sealed record SoftwareUpdateInstallation : SoftwareInstallation;

/// <summary>The base image has it.</summary>
internal sealed record BaseInstallation : SoftwareInstallation;

/// <summary>It is not installed, and the item says why.</summary>
internal sealed record NoInstallation : SoftwareInstallation;
