using System.Text;

namespace MacRunners.Images;

/// <summary>
/// The manifest as <c>packaging/software/manifest.tsv</c>, for the scripts: a fresh macOS has nothing that reads JSON with ease. One row per
/// thing to install and processor, columns separated by tabs, none of them empty (<c>-</c> stands for nothing).
/// </summary>
internal static class SoftwareRows
{
    private const string Nothing = "-";

    private static readonly string[] Processors = ["arm64", "x64"];

    /// <summary>The file's whole content.</summary>
    public static string Text(SoftwareManifest manifest)
    {
        var text = new StringBuilder("# Made from manifest.json by `make docs`. Columns: how, name, version, processor, URL, SHA-256, format, top folder, links | formula, credential\n");
        foreach (var image in manifest.Images)
        {
            Row("macos", image.MacOS);
        }

        foreach (var item in manifest.Software)
        {
            switch (item.Install)
            {
                case Archive archive:
                    Downloads("archive", item, archive.Downloads, archive.Format, archive.TopFolder ? "yes" : "no", string.Join(',', archive.Links.Select(link => $"{item.Expand(link.Key)}={link.Value}")));
                    break;
                case XcodeInstallation xcode:
                    Downloads("xcode", item, xcode.Downloads, "xip", Nothing, Nothing);
                    break;
                case SimulatorInstallation simulator:
                    Downloads("simulator", item, simulator.Downloads, "dmg", Nothing, Nothing);
                    break;
                case HomebrewInstallation homebrew:
                    Row("homebrew", item.Name, item.Version ?? Nothing, "any", Nothing, Nothing, Nothing, Nothing, homebrew.Formula, Nothing);
                    break;
                case SoftwareUpdateInstallation:
                    Row("softwareupdate", item.Name, Nothing, "any", Nothing, Nothing, Nothing, Nothing, Nothing, Nothing);
                    break;
            }
        }

        return text.ToString();

        void Downloads(string how, SoftwareItem item, IReadOnlyDictionary<string, Download> downloads, string format, string topFolder, string links)
        {
            foreach (var processor in Processors)
            {
                if (downloads.TryGetValue(processor, out var download) || downloads.TryGetValue("universal", out download))
                {
                    Row(how, item.Name, item.Version!, processor, item.Expand(download.Url), download.Sha256, format, topFolder, links, download.Credential ?? Nothing);
                }
            }
        }

        void Row(params string[] columns) => text.AppendJoin('\t', columns).Append('\n');
    }
}
