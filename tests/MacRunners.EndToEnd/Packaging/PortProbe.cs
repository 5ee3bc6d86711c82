using System.Net;
using System.Net.Sockets;

namespace MacRunners.EndToEnd.Packaging;

/// <summary>Connects to a port again and again, by both address families: whoever holds it must never let go of it.</summary>
internal sealed class PortProbe : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _probing;
    private int _connections;

    public PortProbe(int port) => _probing = Task.WhenAll(ProbeAsync(new IPEndPoint(IPAddress.Loopback, port)), ProbeAsync(new IPEndPoint(IPAddress.IPv6Loopback, port)));

    /// <summary>Ends; fails when a connection was refused.</summary>
    /// <returns>Connections that were made.</returns>
    public async Task<int> EndAsync()
    {
        await _stop.CancelAsync();
        await _probing;
        return _connections;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _probing;
        }
        catch (SocketException)
        {
            // The test has failed already, or asked for it.
        }

        _stop.Dispose();
    }

    private async Task ProbeAsync(IPEndPoint address)
    {
        while (!_stop.IsCancellationRequested)
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(address);
            _ = Interlocked.Increment(ref _connections);
            await Task.Delay(Pause, TimeProvider.System);
        }
    }
}
