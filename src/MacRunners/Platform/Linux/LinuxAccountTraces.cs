using System.Globalization;
using System.Runtime.InteropServices;
using static MacRunners.Platform.Linux.LinuxUserImports;

namespace MacRunners.Platform.Linux;

/// <summary>
/// The proof's view on accounts: reads the four files itself and asks the look-ups itself, so that a mistake in
/// <see cref="LinuxAccounts"/> cannot hide what it forgot.
/// </summary>
internal static class LinuxAccountTraces
{
    private const int Buffer = 256 * 1024;

    internal static async Task<IReadOnlyList<string>> FindAsync(string name, uint id, CancellationToken cancellationToken)
    {
        var number = id.ToString(CultureInfo.InvariantCulture);
        var traces = new List<string>();
        foreach (var file in new[] { "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow" })
        {
            if (File.Exists(file))
            {
                var lines = await File.ReadAllLinesAsync(file, cancellationToken);
                traces.AddRange(lines.Select(line => line.Split(':')).Where(fields => Mentions(file, fields, name, number)).Select(fields => $"{fields[0]} in {file}"));
            }
        }

        traces.AddRange(Visible(name, id));
        return traces;
    }

    private static bool Mentions(string file, string[] fields, string name, string number)
    {
        bool Is(int field, string value) => fields.Length > field && fields[field] == value;
        bool Lists(int field) => fields.Length > field && fields[field].Split(',').Contains(name);

        return Is(0, name) || file switch
        {
            "/etc/passwd" => Is(2, number) || Is(3, number),
            "/etc/group" => Is(2, number) || Lists(3),
            "/etc/gshadow" => Lists(2) || Lists(3),
            _ => false,
        };
    }

    private static unsafe List<string> Visible(string name, uint id)
    {
        var traces = new List<string>();
        var buffer = (byte*)NativeMemory.Alloc(Buffer);
        try
        {
            if (getpwnam_r(name, out _, buffer, Buffer, out var found) == 0 && found != 0)
            {
                traces.Add($"{name} by getpwnam");
            }

            if (getpwuid_r(id, out _, buffer, Buffer, out found) == 0 && found != 0)
            {
                traces.Add($"user {id} by getpwuid");
            }

            if (getgrnam_r(name, out _, buffer, Buffer, out found) == 0 && found != 0)
            {
                traces.Add($"{name} by getgrnam");
            }

            if (getgrgid_r(id, out _, buffer, Buffer, out found) == 0 && found != 0)
            {
                traces.Add($"group {id} by getgrgid");
            }
        }
        finally
        {
            NativeMemory.Free(buffer);
        }

        return traces;
    }
}
