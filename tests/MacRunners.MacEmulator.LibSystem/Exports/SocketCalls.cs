using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Native;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>Who is at the other end of a Unix socket.</summary>
internal static unsafe class SocketCalls
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;

    [UnmanagedCallersOnly(EntryPoint = "getpeereid")]
    private static int PeerId(int socket, uint* uid, uint* gid)
    {
        // struct ucred: pid, uid, gid.
        var credentials = stackalloc uint[3];
        var size = 3u * sizeof(uint);
        var result = Glibc.GetSocketOption(socket, SocketLevel, PeerCredentials, credentials, &size);
        (*uid, *gid) = (credentials[1], credentials[2]);
        return Call.Return(result);
    }
}
