using System.Net;
using Microsoft.AspNetCore.Connections;

namespace MacRunners.Hosting.Http;

/// <summary>
/// Limits the connections that are open at a time, those from this machine apart from all others: jobs may fill their own share,
/// but never keep a load balancer or Prometheus out.
/// </summary>
/// <param name="most">Connections of each share.</param>
internal sealed class ConnectionCap(int most)
{
    private int _local;
    private int _remote;

    /// <summary>Serves the connection, or closes it at once when its share is used up.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var isLocal = IsFromThisMachine(connection.LocalEndPoint, connection.RemoteEndPoint);
        try
        {
            if (Count(isLocal, 1) <= most)
            {
                await next(connection);
            }
            else
            {
                connection.Abort(new ConnectionAbortedException("too many connections"));
            }
        }
        finally
        {
            _ = Count(isLocal, -1);
        }
    }

    /// <summary>Whether both ends are on this machine, whichever of its addresses was used.</summary>
    public static bool IsFromThisMachine(EndPoint? local, EndPoint? remote) =>
        (local, remote) is (IPEndPoint here, IPEndPoint there) && (IPAddress.IsLoopback(there.Address) || here.Address.Equals(there.Address));

    private int Count(bool isLocal, int change) => isLocal ? Interlocked.Add(ref _local, change) : Interlocked.Add(ref _remote, change);
}
