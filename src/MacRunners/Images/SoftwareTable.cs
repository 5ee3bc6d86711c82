using System.Text;

namespace MacRunners.Images;

/// <summary>The documentation of an image's software, from the manifest.</summary>
internal static class SoftwareTable
{
    /// <summary>A Markdown table: software, version, how it is installed, how it is probed, what is missing.</summary>
    public static string Markdown(SoftwareManifest manifest)
    {
        var table = new StringBuilder("| Software | Version | Comes by | Probe | Not to be had |\n| --- | --- | --- | --- | --- |\n");
        foreach (var item in manifest.Software)
        {
            var version = item.Version ?? (item.Install is NoInstallation ? "" : "current");
            var probe = item.Probe is { } asked ? $"`{item.Expand(asked.Program)} {string.Join(' ', asked.Arguments)}`" : "";
            table.Append($"| {item.Title} | {version} | {How(item)} | {probe} | {item.Unavailable} |\n");
        }

        return table.ToString();
    }

    private static string How(SoftwareItem item) => item.Install switch
    {
        Archive archive => $"archive with SHA-256 ({string.Join(", ", archive.Downloads.Keys)})",
        HomebrewInstallation homebrew => $"Homebrew, `{homebrew.Formula}`",
        XcodeInstallation => "own storage, .xip with SHA-256",
        SimulatorInstallation => "own storage, .dmg with SHA-256",
        SoftwareUpdateInstallation => "`softwareupdate`",
        BaseInstallation => "the base image",
        _ => "not installed",
    };
}
