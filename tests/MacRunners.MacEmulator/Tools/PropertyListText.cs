using System.Globalization;
using System.Xml.Linq;

namespace MacRunners.MacEmulator.Tools;

/// <summary>Property lists as commands print them.</summary>
internal static class PropertyListText
{
    internal static string Of(XElement content) =>
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
        <plist version="1.0">
        {content.ToString().Replace(" />", "/>", StringComparison.Ordinal)}
        </plist>
        """;

    internal static XElement Dictionary(params IEnumerable<(string Key, XElement Value)> entries) =>
        new("dict", entries.Select(entry => new[] { new XElement("key", entry.Key), entry.Value }));

    internal static XElement Array(IEnumerable<XElement> values) => new("array", values);

    internal static XElement Text(string value) => new("string", value);

    internal static XElement Number(long value) => new("integer", value.ToString(CultureInfo.InvariantCulture));

    internal static XElement Flag(bool value) => new(value ? "true" : "false");
}
