using System.Text;

namespace MacRunners.Platform;

/// <summary>
/// One component of a path as bytes: what jobs leave behind need not be valid UTF-8. Never empty, never holds a slash,
/// never <c>.</c> or <c>..</c>.
/// </summary>
internal readonly struct FileName : IEquatable<FileName>
{
    private readonly byte[] _terminated;

    private FileName(byte[] terminated) => _terminated = terminated;

    /// <summary>The bytes with a closing NUL, as system calls want them.</summary>
    public ReadOnlySpan<byte> Terminated => _terminated;

    /// <summary>The bytes alone.</summary>
    public ReadOnlySpan<byte> Bytes => _terminated.AsSpan(0, _terminated.Length - 1);

    /// <summary>A name of our own making.</summary>
    public static implicit operator FileName(string name) => From(Encoding.UTF8.GetBytes(name));

    /// <summary>A name as the kernel gave it, without the NUL.</summary>
    /// <exception cref="ArgumentException">Not a single component.</exception>
    public static FileName From(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes.IndexOfAny((byte)'/', (byte)0) >= 0 || bytes.SequenceEqual("."u8) || bytes.SequenceEqual(".."u8))
        {
            throw new ArgumentException($"'{Escape(bytes)}' is not a single file name", nameof(bytes));
        }

        var terminated = new byte[bytes.Length + 1];
        bytes.CopyTo(terminated);
        return new FileName(terminated);
    }

    /// <inheritdoc/>
    public bool Equals(FileName other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FileName other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <summary>Readable and harmless in a log: everything but printable ASCII is escaped as <c>\xNN</c>.</summary>
    public override string ToString() => Escape(Bytes);

    private static string Escape(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (var b in bytes)
        {
            _ = b is >= 0x20 and < 0x7f and not (byte)'\\' ? text.Append((char)b) : text.Append("\\x").Append(b.ToString("x2", null));
        }

        return text.ToString();
    }
}
