using System.Text;
using System.Xml;
using System.Xml.Linq;
using MacRunners.MacEmulator.Root;

namespace MacRunners.MacEmulator.Launchd;

/// <summary>Which services were enabled or disabled by name. Survives the removal of the property list, as on a Mac.</summary>
internal sealed class DisabledServices(EmulatorRoot root)
{
    private string File => $"{root.Path}/private/var/db/com.apple.xpc.launchd/disabled.plist";

    /// <summary>Label → whether it is disabled; labels nobody spoke about are absent.</summary>
    internal IReadOnlyDictionary<string, bool> All()
    {
        using var held = StateLock.Take(root);
        return Load();
    }

    internal bool Contains(string label) => All().GetValueOrDefault(label);

    internal void Set(string label, bool disabled)
    {
        using var held = StateLock.Take(root);
        var all = Load();
        all[label] = disabled;
        var document = new XDocument(
            new XDocumentType("plist", "-//Apple//DTD PLIST 1.0//EN", "http://www.apple.com/DTDs/PropertyList-1.0.dtd", null),
            new XElement("plist", new XAttribute("version", "1.0"), new XElement(
                "dict", all.SelectMany(pair => new[] { new XElement("key", pair.Key), new XElement(pair.Value ? "true" : "false") }))));
        using (var writer = XmlWriter.Create(File + ".new", new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) }))
        {
            document.Save(writer);
        }

        System.IO.File.Move(File + ".new", File, overwrite: true);
    }

    private SortedDictionary<string, bool> Load()
    {
        var all = new SortedDictionary<string, bool>(StringComparer.Ordinal);
        if (System.IO.File.Exists(File))
        {
            using var reader = XmlReader.Create(File, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
            foreach (var pair in XDocument.Load(reader).Root!.Element("dict")!.Elements().Chunk(2))
            {
                all[pair[0].Value] = pair[1].Name.LocalName == "true";
            }
        }

        return all;
    }
}
