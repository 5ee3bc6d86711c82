using System.Runtime.InteropServices;

namespace MacRunners.Simulator.Agent.Processes;

/// <summary>A raw descriptor that is closed once.</summary>
internal sealed class Descriptor(int fd) : IDisposable
{
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;
    private int _fd = fd;

    public int Number => _fd;

    /// <summary>Both ends of a pipe, neither inherited unless a child is given it.</summary>
    public static unsafe (Descriptor Read, Descriptor Write) Pipe()
    {
        var ends = stackalloc int[2];
        if (NativeCalls.Pipe(ends) != 0)
        {
            throw Failure("pipe");
        }

        return (new Descriptor(ends[0]).KeptFromChildren(), new Descriptor(ends[1]).KeptFromChildren());
    }

    /// <summary>A pseudo-terminal of the agent's size (100 rows, 160 columns), with the path of the child's side.</summary>
    public static unsafe (Descriptor Master, Descriptor Slave, string SlavePath) Terminal()
    {
        var size = new NativeCalls.WindowSize { Rows = 100, Columns = 160 };
        if (NativeCalls.OpenTerminal(out var master, out var slave, null, null, &size) != 0)
        {
            throw Failure("openpty");
        }

        var path = Marshal.PtrToStringUTF8((nint)NativeCalls.TerminalName(master)) ?? throw Failure("ptsname");
        return (new Descriptor(master).KeptFromChildren(), new Descriptor(slave).KeptFromChildren(), path);
    }

    public void Dispose()
    {
        var fd = Interlocked.Exchange(ref _fd, -1);
        if (fd >= 0)
        {
            NativeCalls.Close(fd);
        }
    }

    private static SpawnException Failure(string call) => new($"{call}: {ErrorText.Of(Marshal.GetLastPInvokeError())}");

    /// <summary>On macOS children start with <c>POSIX_SPAWN_CLOEXEC_DEFAULT</c> instead: <c>fcntl</c> is variadic there.</summary>
    private Descriptor KeptFromChildren()
    {
        if (!OperatingSystem.IsMacOS())
        {
            NativeCalls.Fcntl(_fd, SetDescriptorFlags, CloseOnExec);
        }

        return this;
    }
}
