using System.Text;
using Serilog.Debugging;
using Serilog.Sinks.File;

namespace MacRunners.Hosting.Logging;

/// <summary>What all log files have in common.</summary>
internal sealed class LogFiles : FileLifecycleHooks
{
    /// <summary>Readable for root's group, which on a Mac is where log collectors live; never for jobs.</summary>
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <summary>Reports trouble with logging itself, which cannot go to the log.</summary>
    public static void Complain(string message) => SelfLog.WriteLine("{0}", message);

    /// <inheritdoc/>
    public override Stream OnFileOpened(string path, Stream underlyingStream, Encoding encoding)
    {
        File.SetUnixFileMode(path, Mode);
        return underlyingStream;
    }
}
