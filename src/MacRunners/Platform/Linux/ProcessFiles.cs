using System.Buffers.Text;
using System.Text;

namespace MacRunners.Platform.Linux;

/// <summary>Parses what <c>/proc/PID/status</c> and <c>/proc/PID/stat</c> say. Jobs choose the names of their processes, so both count as hostile.</summary>
internal static class ProcessFiles
{
    /// <summary>The parts of <c>status</c> that matter.</summary>
    /// <param name="IsDead">Nothing of it runs any more: a zombie, unless only its first thread has ended.</param>
    /// <param name="ParentPid">Parent, or who adopted it.</param>
    /// <param name="RealUid">Who started it.</param>
    /// <param name="EffectiveUid">Whose rights it has.</param>
    /// <param name="SavedUid">Whose rights it may take back.</param>
    /// <param name="FileSystemUid">Follows the effective uid unless a program changes it alone.</param>
    internal readonly record struct Status(bool IsDead, int ParentPid, uint RealUid, uint EffectiveUid, uint SavedUid, uint FileSystemUid);

    /// <summary>Reads <c>status</c>; null when it is incomplete (the process ended while it was read).</summary>
    internal static Status? ParseStatus(ReadOnlySpan<byte> text)
    {
        byte state = 0;
        var threads = 1;
        var parent = -1;
        Span<uint> uids = stackalloc uint[4];
        var complete = false;
        foreach (var range in text.Split((byte)'\n'))
        {
            // Newlines in the name are escaped in this file, so a line that begins with a key is the kernel's.
            var line = text[range];
            if (Value(line, "State:"u8, out var value))
            {
                state = value.IsEmpty ? (byte)0 : value[0];
            }
            else if (Value(line, "PPid:"u8, out value))
            {
                _ = Utf8Parser.TryParse(value, out parent, out _);
            }
            else if (Value(line, "Threads:"u8, out value))
            {
                _ = Utf8Parser.TryParse(value, out threads, out _);
            }
            else if (Value(line, "Uid:"u8, out value))
            {
                complete = Numbers(value, uids);
            }
        }

        if (!complete || state == 0)
        {
            return null;
        }

        // When the first thread ends and others go on, the process is shown as a zombie but lives.
        var dead = state is (byte)'X' or (byte)'x' || (state == (byte)'Z' && threads <= 1);
        return new Status(dead, parent, uids[0], uids[1], uids[2], uids[3]);
    }

    /// <summary>Start time (field 22) and name from <c>stat</c>; null when it is incomplete.</summary>
    internal static (ulong StartTime, string Command)? ParseStat(ReadOnlySpan<byte> text)
    {
        // The name stands in parentheses, unescaped: it may hold parentheses and newlines itself. Behind the last one
        // only the kernel writes.
        var open = text.IndexOf((byte)'(');
        var close = text.LastIndexOf((byte)')');
        if (open < 0 || close < open)
        {
            return null;
        }

        const int fieldsBetween = 19;
        var rest = text[(close + 1)..].TrimStart((byte)' ');
        for (var field = 0; field < fieldsBetween; field++)
        {
            var blank = rest.IndexOf((byte)' ');
            if (blank < 0)
            {
                return null;
            }

            rest = rest[(blank + 1)..];
        }

        return Utf8Parser.TryParse(rest, out ulong start, out _) ? (start, Printable(text[(open + 1)..close])) : null;
    }

    private static bool Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        var found = line.StartsWith(key);
        value = found ? line[key.Length..].TrimStart(" \t"u8) : default;
        return found;
    }

    private static bool Numbers(ReadOnlySpan<byte> text, Span<uint> numbers)
    {
        for (var i = 0; i < numbers.Length; i++)
        {
            text = text.TrimStart(" \t"u8);
            if (!Utf8Parser.TryParse(text, out numbers[i], out var length))
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }

    private static string Printable(ReadOnlySpan<byte> name) =>
        new([.. Encoding.UTF8.GetString(name).Select(c => char.IsControl(c) ? '?' : c)]);
}
