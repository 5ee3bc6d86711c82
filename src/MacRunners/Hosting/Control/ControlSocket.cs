using System.Net.Sockets;
using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;

namespace MacRunners.Hosting.Control;

/// <summary>
/// The Unix socket over which root controls the daemon. Nobody else gets through: the file is root's alone (0600) before anybody can
/// connect, and the kernel tells for every connection who made it.
/// </summary>
internal sealed partial class ControlSocket(IOptions<PathsOptions> paths, IPlatform platform, ILogger<ControlSocket> logger) : IDisposable
{
    /// <summary>Name of the socket in <see cref="PathsOptions.Run"/>.</summary>
    public const string FileName = "control.sock";

    private const UnixFileMode RootOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const uint Root = 0;

    private bool _isBound;

    /// <summary>Where it is.</summary>
    public string Path { get; } = PathIn(paths.Value);

    /// <summary>Where the daemon of a configuration has it.</summary>
    public static string PathIn(PathsOptions paths) => System.IO.Path.Combine(paths.Run, FileName);

    /// <summary>
    /// Makes the socket, in the place of one that an earlier run left. Only for the one daemon of a state folder, that is, with its
    /// journal open. The folder is root's alone to change, so what is removed here is the daemon's own.
    /// </summary>
    public Socket Bind()
    {
        File.Delete(Path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(Path));
            _isBound = true;

            // Before it listens: until then every attempt to connect fails.
            File.SetUnixFileMode(Path, RootOnly);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Serves root's connections and closes all others.</summary>
    public Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket ?? throw new InvalidOperationException("The connection has no socket");
        if (platform.Sockets.PeerUid(socket) is var uid && uid != Root)
        {
            Refused(logger, uid);
            connection.Abort(new ConnectionAbortedException("not root"));
            return Task.CompletedTask;
        }

        connection.Features.Set(new ControlConnection());
        return next(connection);
    }

    /// <summary>Whether a request came over this socket; what came over TCP never has this mark.</summary>
    public static bool Carries(HttpContext context) => context.Features.Get<ControlConnection>() is not null;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isBound)
        {
            File.Delete(Path);
        }
    }

    /// <summary>The mark of a connection that root made.</summary>
    private sealed class ControlConnection;

    [LoggerMessage(2401, LogLevel.Warning, "User number {Uid} tried to control the daemon; refused")]
    private static partial void Refused(ILogger logger, uint uid);
}
