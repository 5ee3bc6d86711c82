using System.Net.Sockets;

namespace MacRunners.Platform;

/// <summary>Sockets that the service manager holds for the daemon, and who is at the other end of a local one.</summary>
internal interface ISocketCalls
{
    /// <summary>
    /// Takes over the listening sockets that the service manager (systemd, launchd) holds for this process, so that no one else can
    /// listen there while the daemon is not running. They are never passed on to programs that this process starts.
    /// </summary>
    /// <param name="name"><c>FileDescriptorName</c> of the socket unit, or the key below <c>Sockets</c> in the property list.</param>
    /// <returns>The caller's from now on; empty when no service manager started this process or it holds none of that name.</returns>
    /// <exception cref="PosixException">The service manager did not hand them over.</exception>
    IReadOnlyList<SafeSocketHandle> TakeHeld(string name);

    /// <summary>The effective user, when it connected, of the process at the other end of a connected Unix socket: the kernel's own note, not the peer's word.</summary>
    uint PeerUid(Socket connection);
}
