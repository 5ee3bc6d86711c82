using System.Xml;
using System.Xml.Linq;

namespace MacRunners.Platform.MacOS;

/// <summary>Reads the XML property lists that macOS tools print.</summary>
internal static class PropertyList
{
    private const string End = "</plist";

    /// <summary>The dictionary of a list whose values are strings or arrays of strings, the shape of <c>dscl -plist -read</c>.</summary>
    /// <exception cref="FormatException">Not such a list.</exception>
    internal static IReadOnlyDictionary<string, IReadOnlyList<string>> ReadAttributes(string text) =>
        Attributes(Load(text).Root?.Element("dict") ?? throw new FormatException("The property list holds no dictionary"));

    /// <summary>The dictionaries of a list of them, the shape of <c>dscl -plist -readall</c>.</summary>
    /// <exception cref="FormatException">Not such a list.</exception>
    internal static IReadOnlyList<IReadOnlyDictionary<string, IReadOnlyList<string>>> ReadRecords(string text)
    {
        var root = Load(text).Root?.Element("array") ?? throw new FormatException("The property list holds no array");
        return [.. root.Elements("dict").Select(Attributes)];
    }

    /// <summary>What is in dictionaries below each other, by their keys; null when it is not there.</summary>
    /// <exception cref="FormatException">Not a property list.</exception>
    internal static XElement? Find(string text, params IReadOnlyList<string> keys)
    {
        var here = Load(text).Root?.Element("dict");
        foreach (var key in keys)
        {
            here = here is null ? null : Find(here, key);
        }

        return here;
    }

    /// <summary>A value of a dictionary; null when it is not there.</summary>
    internal static XElement? Find(XElement dictionary, string key) =>
        dictionary.Elements("key").FirstOrDefault(name => name.Value == key)?.ElementsAfterSelf().FirstOrDefault();

    private static Dictionary<string, IReadOnlyList<string>> Attributes(XElement dictionary)
    {
        var attributes = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var key in dictionary.Elements("key"))
        {
            var value = key.ElementsAfterSelf().FirstOrDefault() ?? throw new FormatException($"The property list has no value for {key.Value}");
            attributes[key.Value] = value.Name == "array" ? [.. value.Elements().Select(element => element.Value)] : [value.Value];
        }

        return attributes;
    }

    private static XDocument Load(string text)
    {
        // dscl cuts its last byte off and adds a newline; other programs' warnings may stand before or behind.
        var begin = text.IndexOf("<?xml", StringComparison.Ordinal);
        var end = text.LastIndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            throw new FormatException("The text holds no property list");
        }

        // The document type names a file on Apple's server: never fetched.
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null };
        using var reader = XmlReader.Create(new StringReader(text[begin..end] + End + ">"), settings);
        try
        {
            return XDocument.Load(reader);
        }
        catch (XmlException e)
        {
            throw new FormatException($"The property list is damaged: {e.Message}", e);
        }
    }
}
