using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace MacRunners.Simulator.Trial;

/// <summary>TCP ports for servers that bind them only later, and again after restarts.</summary>
internal static class FreePort
{
    private const int First = 12000;
    private const int FirstEphemeral = 32768;
    private static readonly ConcurrentDictionary<int, bool> Given = [];

    /// <summary>A port that is free on all addresses: below the range from which the system serves itself, and never the same twice.</summary>
    public static int Take()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(First, FirstEphemeral);
            if (!Given.TryAdd(port, true))
            {
                continue;
            }

            try
            {
                using var listener = new TcpListener(IPAddress.IPv6Any, port);
                listener.Server.DualMode = true;
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}
