using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace MacRunners.Platform.MacOS;

/// <summary>Sockets held by launchd (<c>Sockets</c> in the property list).</summary>
internal sealed unsafe partial class MacSockets : ISocketCalls
{
    // errno values, which launch_activate_socket returns instead of setting.
    private const int NoSuchName = 2;
    private const int NotLaunchds = 3;

    /// <inheritdoc/>
    public IReadOnlyList<SafeSocketHandle> TakeHeld(string name)
    {
        int* descriptors = null;
        nuint count = 0;
        switch (launch_activate_socket(name, &descriptors, &count))
        {
            case 0:
                break;
            case NoSuchName or NotLaunchds:
                return [];
            case var error:
                throw new PosixException("launch_activate_socket", name, PosixError.Other, error);
        }

        try
        {
            var held = new List<SafeSocketHandle>();
            foreach (var descriptor in new ReadOnlySpan<int>(descriptors, (int)count))
            {
                if (MacFileImports.ioctl(descriptor, MacFileImports.CloseOnExecRequest) != 0)
                {
                    throw MacErrors.Last("ioctl", $"descriptor {descriptor}");
                }

                held.Add(new SafeSocketHandle(descriptor, ownsHandle: true));
            }

            return held;
        }
        finally
        {
            NativeMemory.Free(descriptors);
        }
    }

    /// <inheritdoc/>
    public uint PeerUid(Socket connection) => getpeereid(connection.SafeHandle, out var uid, out _) == 0
        ? uid
        : throw MacErrors.Last("getpeereid", "control socket");

    [LibraryImport("libSystem.dylib", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int launch_activate_socket(string name, int** descriptors, nuint* count);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    private static partial int getpeereid(SafeSocketHandle socket, out uint uid, out uint gid);
}
