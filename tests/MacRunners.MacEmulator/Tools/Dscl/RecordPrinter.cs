using System.Security;
using MacRunners.MacEmulator.Accounts;

namespace MacRunners.MacEmulator.Tools.Dscl;

/// <summary>Prints records the way <c>dscl</c> does.</summary>
internal sealed class RecordPrinter(TextWriter output, TextWriter error, OutputFormat format)
{
    /// <summary>The attributes asked for, or all.</summary>
    internal void Record(DirectoryRecord record, IReadOnlyList<string> keys)
    {
        if (format.Plist)
        {
            Plist(() => Dictionary(record, keys, ""));
            return;
        }

        foreach (var key in keys.Count > 0 ? keys : Sorted(record))
        {
            if (record.Attributes.TryGetValue(key, out var values))
            {
                Attribute(key, values);
            }
            else
            {
                error.WriteLine($"No such key: {AttributeName.Display(key)}");
            }
        }
    }

    /// <summary>Several records, separated by a dash; attributes that a record lacks are left out.</summary>
    internal void Records(IReadOnlyList<DirectoryRecord> records, IReadOnlyList<string> keys)
    {
        if (format.Plist)
        {
            Plist(() =>
            {
                output.WriteLine("<array>");
                foreach (var record in records)
                {
                    Dictionary(record, keys, "\t");
                }

                output.WriteLine("</array>");
            });
            return;
        }

        foreach (var (index, record) in records.Index())
        {
            if (index > 0)
            {
                output.WriteLine("-");
            }

            foreach (var key in Sorted(record).Where(key => keys.Count == 0 || keys.Contains(key)))
            {
                Attribute(key, record.Attributes[key]);
            }
        }
    }

    internal void Names(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            output.WriteLine(name);
        }
    }

    /// <summary>Names, or names and one attribute in columns; records without it are left out.</summary>
    internal void List(IReadOnlyList<DirectoryRecord> records, string? key)
    {
        if (key is null)
        {
            Names(records.Select(record => record.Name));
            return;
        }

        var width = records.Select(record => record.Name.Length).DefaultIfEmpty().Max() + 2;
        foreach (var record in records)
        {
            if (record.Attributes.TryGetValue(key, out var values))
            {
                output.WriteLine($"{record.Name.PadRight(width)} {string.Join(' ', values)}");
            }
        }
    }

    /// <summary>Hits of a search.</summary>
    internal void Found(IReadOnlyList<DirectoryRecord> records, string key, string value)
    {
        foreach (var record in records)
        {
            if (record.Attributes.TryGetValue(key, out var values) && values.Contains(value))
            {
                output.WriteLine($"{record.Name}\t\t{Display(key)} = (");
                output.WriteLine(string.Join($",{output.NewLine}", values.Select(each => $"    {Quoted(each)}")));
                output.WriteLine(")");
            }
        }
    }

    private static IReadOnlyList<string> Sorted(DirectoryRecord record) => [.. record.Attributes.Keys.Order(StringComparer.OrdinalIgnoreCase)];

    // As an array describes itself on macOS: anything but a plain word is quoted.
    private static string Quoted(string value) =>
        value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '$' or '/' or ':' or '.')
            ? value
            : $"\"{value.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private string Display(string key) => format.Raw ? key : AttributeName.Display(key);

    private void Attribute(string key, List<string> values)
    {
        if (values.Any(value => value.Contains(' ', StringComparison.Ordinal) || value.Contains('\n', StringComparison.Ordinal)))
        {
            output.WriteLine($"{Display(key)}:");
            foreach (var value in values)
            {
                output.WriteLine($" {value}");
            }
        }
        else
        {
            output.WriteLine(string.Join(' ', [$"{Display(key)}:", .. values]));
        }
    }

    private void Plist(Action content)
    {
        output.WriteLine("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        output.WriteLine("<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">");
        output.WriteLine("<plist version=\"1.0\">");
        content();
        output.WriteLine("</plist>");
    }

    private void Dictionary(DirectoryRecord record, IReadOnlyList<string> keys, string indent)
    {
        output.WriteLine($"{indent}<dict>");
        foreach (var key in Sorted(record).Where(key => keys.Count == 0 || keys.Contains(key)))
        {
            output.WriteLine($"{indent}\t<key>{SecurityElement.Escape(key)}</key>");
            output.WriteLine($"{indent}\t<array>");
            foreach (var value in record.Attributes[key])
            {
                output.WriteLine($"{indent}\t\t<string>{SecurityElement.Escape(value)}</string>");
            }

            output.WriteLine($"{indent}\t</array>");
        }

        output.WriteLine($"{indent}</dict>");
    }
}
