using System.Net;
using System.Net.Sockets;
using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Launchd;

/// <summary>The listening sockets of a service, held whether it runs or not.</summary>
internal sealed class HeldSockets : IDisposable
{
    /// <summary>Tells <c>launch_activate_socket</c> which descriptors of the process are which: <c>http:12,13;other:14</c>.</summary>
    internal const string Variable = "MAC_EMULATOR_LAUNCHD_SOCKETS";

    private readonly List<(string Name, Socket Socket)> _sockets = [];

    /// <exception cref="LaunchdException">An address is not to be had.</exception>
    internal HeldSockets(ServiceDefinition definition, LaunchdSettings settings)
    {
        try
        {
            foreach (var (name, socket) in definition.Sockets.SelectMany(group => group.Value.Select(socket => (group.Key, socket))))
            {
                _sockets.Add((name, Listen(socket, settings)));
            }
        }
        catch (SocketException)
        {
            Dispose();
            throw new LaunchdException(LaunchdException.InputOutput);
        }
    }

    /// <summary>The value of <see cref="Variable"/>; null without sockets.</summary>
    internal string? Description => _sockets.Count == 0
        ? null
        : string.Join(';', _sockets.GroupBy(entry => entry.Name).Select(group => $"{group.Key}:{string.Join(',', group.Select(entry => entry.Socket.Handle))}"));

    /// <summary>The descriptors.</summary>
    internal IReadOnlyList<int> Descriptors => [.. _sockets.Select(entry => (int)entry.Socket.Handle)];

    /// <summary>Whether somebody has connected and waits.</summary>
    internal bool HasConnection => _sockets.Any(entry => entry.Socket.Poll(TimeSpan.Zero, SelectMode.SelectRead));

    public void Dispose() => _sockets.ForEach(entry => entry.Socket.Dispose());

    private static Socket Listen(SocketDefinition definition, LaunchdSettings settings)
    {
        var socket = new Socket(definition.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (definition.Address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            var port = settings.Ports.GetValueOrDefault($"{definition.Port}", definition.Port);
            socket.Bind(new IPEndPoint(definition.Address, port));
            socket.Listen();

            // Processes of services get it by inheritance; xpcproxy closes those of other services.
            Libc.Check(Libc.Control((int)socket.Handle, Libc.SetDescriptorFlags, 0) == 0 ? 0 : -1, "fcntl", definition.ToString());
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
