using System.Net;
using System.Net.Sockets;
using MacRunners.Settings;

namespace MacRunners.Hosting.Http;

/// <summary>
/// The listening sockets, bound before anything else happens: a taken port is found while nothing needs to be undone, and
/// both address families are claimed by sockets of their own, so that no job can answer on <c>[::1]</c> in the daemon's place.
/// Those that the service manager holds stay bound while the daemon is not running, so that no job can take them then.
/// </summary>
internal sealed class HttpSockets : IDisposable
{
    // The other family may be free where the first was not: only with port 0, where any port will do.
    private const int FreePortAttempts = 20;

    private const int Backlog = 512;

    /// <summary>Under which name the service manager holds them.</summary>
    public const string HeldName = "http";

    private readonly Dictionary<EndPoint, Socket> _waiting = [];

    private HttpSockets(IReadOnlyList<Socket> sockets)
    {
        EndPoints = [.. sockets.Select(socket => (IPEndPoint)socket.LocalEndPoint!)];
        foreach (var socket in sockets)
        {
            _waiting.Add(socket.LocalEndPoint!, socket);
        }
    }

    /// <summary>Where the sockets are bound; ports are the real ones.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints { get; }

    /// <summary>Binds <see cref="HttpOptions.Addresses"/>, or all addresses of both families.</summary>
    /// <param name="options">Where to listen.</param>
    /// <param name="held">What the service manager holds: used where it fits, and a fault where it does not; owned by the result.</param>
    /// <exception cref="HttpSocketException">Taken or not there; the message names address and remedy.</exception>
    public static HttpSockets Bind(HttpOptions options, IReadOnlyList<SafeSocketHandle> held)
    {
        var open = held.Select(handle => new Socket(handle)).ToList();
        try
        {
            return Bind(options, open);
        }
        catch (HttpSocketException)
        {
            open.ForEach(socket => socket.Dispose());
            throw;
        }
    }

    private static HttpSockets Bind(HttpOptions options, List<Socket> held)
    {
        var addresses = options.Addresses.Length > 0
            ? [.. options.Addresses.Select(IPAddress.Parse)]
            : Socket.OSSupportsIPv6 ? new[] { IPAddress.Any, IPAddress.IPv6Any } : [IPAddress.Any];
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new HttpSockets(BindAll(addresses, options.Port, held));
            }
            catch (HttpSocketException) when (options.Port == 0 && attempt < FreePortAttempts)
            {
                // Somebody has the same port in the other family.
            }
        }
    }

    /// <summary>Hands a bound socket over to the server, which owns it from then on.</summary>
    public Socket Take(EndPoint endPoint) => _waiting.Remove(endPoint, out var socket)
        ? socket
        : throw new InvalidOperationException($"{endPoint} was not bound, or handed over already");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var socket in _waiting.Values)
        {
            socket.Dispose();
        }
    }

    private static List<Socket> BindAll(IReadOnlyList<IPAddress> addresses, int port, IReadOnlyList<Socket> held)
    {
        var wanted = addresses.Select(address => new IPEndPoint(address, port)).ToHashSet<EndPoint>();
        if (held.FirstOrDefault(socket => !wanted.Contains(socket.LocalEndPoint!)) is { } stray)
        {
            throw new HttpSocketException(
                $"The service manager holds {stray.LocalEndPoint}, but Http:Port and Http:Addresses ask for {string.Join(", ", wanted)}. "
                    + "Make them agree: in ListenStream of macrunners.socket (Linux) or Sockets of the property list (macOS), or in the configuration.");
        }

        var sockets = new List<Socket>();
        try
        {
            foreach (var address in addresses)
            {
                sockets.Add(held.FirstOrDefault(socket => socket.LocalEndPoint!.Equals(new IPEndPoint(address, port))) ?? Bind(new IPEndPoint(address, port)));
                port = ((IPEndPoint)sockets[^1].LocalEndPoint!).Port;
            }

            return sockets;
        }
        catch (HttpSocketException)
        {
            sockets.Except(held).ToList().ForEach(socket => socket.Dispose());
            throw;
        }
    }

    private static Socket Bind(IPEndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                // IPV6_V6ONLY: the other family has a socket of its own.
                socket.DualMode = false;
            }

            socket.Bind(endPoint);

            // Already here: the system lets two programs bind the same port and refuses the second only when it listens.
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new HttpSocketException(
                e.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"{endPoint} is in use by another program. Stop it (is another macrunners running?), or set Http:Port."
                    : $"{endPoint} cannot be listened on: {e.Message}. Correct Http:Addresses and Http:Port.",
                e);
        }
    }
}

/// <summary>An address cannot be listened on; the message says why and what to do.</summary>
internal sealed class HttpSocketException(string message, Exception? inner = null) : Exception(message, inner);
