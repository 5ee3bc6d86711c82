using System.Globalization;
using System.Text;

namespace MacRunners.Simulator.State;

/// <summary>
/// A job's log as its numbered chunks. They may arrive out of order and more than once, but they must join up: chunk n+1 begins where
/// chunk n ends.
/// </summary>
internal sealed class JobLog(long maxBytes)
{
    private readonly SortedDictionary<int, Chunk> _chunks = [];

    /// <summary>Stores a chunk. Repeating one changes nothing; contradicting one is refused.</summary>
    public void Add(int sequence, long offset, byte[] content)
    {
        if (_chunks.TryGetValue(sequence, out var known))
        {
            if (known.Offset != offset || !known.Content.AsSpan().SequenceEqual(content))
            {
                throw RefusedException.Invalid($"Chunk {sequence} was already uploaded with other content");
            }

            return;
        }

        if (offset > maxBytes - content.Length)
        {
            throw new RefusedException(StatusCodes.Status413PayloadTooLarge, $"The log is limited to {maxBytes} bytes");
        }

        var chunk = new Chunk(offset, content);
        CheckPlace(sequence, chunk);
        _chunks.Add(sequence, chunk);
    }

    /// <summary>The log in order of offset, with a remark where a part is missing.</summary>
    public (string Text, bool Complete) Assemble()
    {
        var bytes = new MemoryStream();
        var expected = 0L;
        var complete = true;
        foreach (var chunk in _chunks.Values)
        {
            if (chunk.Offset > expected)
            {
                complete = false;
                bytes.Write(Encoding.UTF8.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"\n[{chunk.Offset - expected} bytes of log missing]\n")));
            }

            bytes.Write(chunk.Content);
            expected = chunk.End;
        }

        return (Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length), complete);
    }

    private void CheckPlace(int sequence, Chunk chunk)
    {
        if (sequence == 1 && chunk.Offset != 0)
        {
            throw RefusedException.Invalid("Chunk 1 has to begin at offset 0");
        }

        foreach (var (other, known) in _chunks)
        {
            var fits = other switch
            {
                _ when other == sequence - 1 => known.End == chunk.Offset,
                _ when other == sequence + 1 => chunk.End == known.Offset,
                _ when other < sequence => known.End <= chunk.Offset,
                _ => chunk.End <= known.Offset,
            };
            if (!fits)
            {
                throw RefusedException.Invalid(
                    $"Chunk {sequence} ({chunk.Offset}-{chunk.End}) does not join up with chunk {other} ({known.Offset}-{known.End})");
            }
        }
    }

    private sealed record Chunk(long Offset, byte[] Content)
    {
        public long End => Offset + Content.Length;
    }
}
