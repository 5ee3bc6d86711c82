using System.Text;

namespace MacRunners.Hosting.Logging;

/// <summary>Reads the lines of a log file as they come; a line that is not complete yet waits for its rest.</summary>
internal sealed class LogTail : IDisposable
{
    private readonly FileStream _file;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly MemoryStream _rest = new();

    /// <summary>Opens a file that somebody else goes on writing.</summary>
    public LogTail(string path) =>
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    /// <summary>Every line that was completed since the last call.</summary>
    public IEnumerable<string> ReadLines()
    {
        int count;
        while ((count = _file.Read(_buffer)) > 0)
        {
            for (var start = 0; start < count;)
            {
                var end = Array.IndexOf(_buffer, (byte)'\n', start, count - start);
                _rest.Write(_buffer, start, (end < 0 ? count : end) - start);
                if (end < 0)
                {
                    break;
                }

                yield return Encoding.UTF8.GetString(_rest.GetBuffer(), 0, (int)_rest.Length);
                _rest.SetLength(0);
                start = end + 1;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _rest.Dispose();
    }
}
