using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace MacRunners.Platform.Linux;

/// <summary>The protocol of <c>sd_listen_fds(3)</c>: inherited descriptors, described by variables of the environment.</summary>
internal sealed class LinuxSockets : ISocketCalls
{
    private const string ForProcess = "LISTEN_PID";
    private const string Count = "LISTEN_FDS";
    private const string Names = "LISTEN_FDNAMES";
    private const int FirstDescriptor = 3;
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;

    /// <inheritdoc/>
    public IReadOnlyList<SafeSocketHandle> TakeHeld(string name)
    {
        var (process, count, names) = (Environment.GetEnvironmentVariable(ForProcess), Environment.GetEnvironmentVariable(Count), Environment.GetEnvironmentVariable(Names));

        // Not for the programs that this one starts.
        Array.ForEach([ForProcess, Count, Names], variable => Environment.SetEnvironmentVariable(variable, null));
        if (process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return [];
        }

        var named = names?.Split(':') ?? [];
        var held = new List<SafeSocketHandle>();
        for (var index = 0; index < number; index++)
        {
            var descriptor = FirstDescriptor + index;
            if (LinuxProcessImports.ioctl(descriptor, LinuxProcessImports.CloseOnExec) != 0)
            {
                throw LinuxErrors.Last("ioctl", $"descriptor {descriptor}");
            }

            // Without names every one of them is meant.
            if (index >= named.Length || named[index] == name)
            {
                held.Add(new SafeSocketHandle(descriptor, ownsHandle: true));
            }
        }

        return held;
    }

    /// <inheritdoc/>
    public uint PeerUid(Socket connection)
    {
        // struct ucred: pid, uid, gid.
        Span<int> credentials = stackalloc int[3];
        var bytes = MemoryMarshal.AsBytes(credentials);
        return connection.GetRawSocketOption(SocketLevel, PeerCredentials, bytes) == bytes.Length
            ? (uint)credentials[1]
            : throw new InvalidOperationException("The kernel does not tell who is at the other end of a socket");
    }
}
