namespace MacRunners.Simulator.Agent.Bootstrap;

/// <summary>
/// Replaces secrets in a stream by <c>[REDACTED]</c>, wherever the stream is cut: an end that may be the start of a secret is held back
/// until it is known.
/// </summary>
internal sealed class RedactingWriter(Action<ReadOnlySpan<byte>> output)
{
    private readonly List<byte[]> _secrets = [];
    private byte[] _held = [];

    public void Add(byte[] secret)
    {
        if (!_secrets.Exists(s => s.AsSpan().SequenceEqual(secret)))
        {
            _secrets.Add(secret);

            // Of two secrets that start alike the longer one goes.
            _secrets.Sort((a, b) => b.Length - a.Length);
        }
    }

    public void Write(ReadOnlySpan<byte> data)
    {
        if (_held.Length > 0)
        {
            data = (byte[])[.. _held, .. data];
            _held = [];
        }

        while (Next(data) is var (at, length) && at >= 0)
        {
            output(data[..at]);
            output("[REDACTED]"u8);
            data = data[(at + length)..];
        }

        var keep = HeldLength(data);
        output(data[..^keep]);
        _held = data[^keep..].ToArray();
    }

    public void Flush()
    {
        output(_held);
        _held = [];
    }

    private (int At, int Length) Next(ReadOnlySpan<byte> data)
    {
        var first = (At: -1, Length: 0);
        foreach (var secret in _secrets)
        {
            var at = data.IndexOf(secret);
            if (at >= 0 && (first.At < 0 || at < first.At))
            {
                first = (at, secret.Length);
            }
        }

        return first;
    }

    /// <summary>Length of the longest end that starts a secret.</summary>
    private int HeldLength(ReadOnlySpan<byte> data)
    {
        var longest = 0;
        foreach (var secret in _secrets)
        {
            for (var length = Math.Min(secret.Length - 1, data.Length); length > longest; length--)
            {
                if (data.EndsWith(secret.AsSpan(0, length)))
                {
                    longest = length;
                }
            }
        }

        return longest;
    }
}
