using System.Runtime.InteropServices;
using System.Text;

namespace MacRunners.Simulator.Agent.Processes;

/// <summary>
/// Unbuffered writing to descriptors 1 and 2. <see cref="Console"/> is avoided: on a terminal it emits key-pad sequences and installs
/// signal handlers, both of which would show in a job's log or change how the agent dies.
/// </summary>
internal static class StandardStreams
{
    private const int Interrupted = 4;

    public const int Output = 1;

    public const int Error = 2;

    public static void WriteLine(int fd, string line) => Write(fd, Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>Writes everything; returns 0, or the errno that stopped it.</summary>
    public static unsafe int Write(int fd, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (nint written = 0; written < bytes.Length;)
            {
                var count = NativeCalls.Write(fd, start + written, bytes.Length - written);
                if (count >= 0)
                {
                    written += count;
                    continue;
                }

                var errno = Marshal.GetLastPInvokeError();
                if (errno != Interrupted)
                {
                    return errno;
                }
            }
        }

        return 0;
    }
}
