using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using MacRunners.MacEmulator.Root;

namespace MacRunners.MacEmulator.Launchd;

/// <summary>Speaks with the launchd of a root.</summary>
internal sealed class LaunchdClient(EmulatorRoot root, TimeProvider time)
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks; null when no launchd runs, because nothing was ever loaded.</summary>
    internal async Task<LaunchdReply?> AskAsync(LaunchdRequest request)
    {
        using var socket = await TryConnectAsync();
        return socket is null ? null : await AskAsync(socket, request);
    }

    /// <summary>Asks, and starts launchd first where it does not run.</summary>
    /// <exception cref="IOException">It does not come up.</exception>
    internal async Task<LaunchdReply> AskStartingAsync(LaunchdRequest request)
    {
        var started = time.GetTimestamp();
        var socket = await TryConnectAsync();
        if (socket is null)
        {
            Start();
        }

        while (socket is null)
        {
            if (time.GetElapsedTime(started) > StartLimit)
            {
                throw new IOException($"launchd of {root.Path} does not come up");
            }

            await Task.Delay(Look, time);
            socket = await TryConnectAsync();
        }

        using (socket)
        {
            return await AskAsync(socket, request);
        }
    }

    private static async Task<LaunchdReply> AskAsync(Socket socket, LaunchdRequest request)
    {
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(request, LaunchdJson.Default.LaunchdRequest));
        socket.Shutdown(SocketShutdown.Send);
        return (await JsonSerializer.DeserializeAsync(stream, LaunchdJson.Default.LaunchdReply))!;
    }

    private async Task<Socket?> TryConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(root.LaunchdSocket));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    // Its streams are pipes of this process: whoever waits for the end of our output does not wait for launchd.
    private void Start()
    {
        var start = new ProcessStartInfo($"{root.Binaries}/mac-emulator", ["launchd", root.Path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        using var process = Process.Start(start);
    }
}
