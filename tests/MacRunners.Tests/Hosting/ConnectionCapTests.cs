using System.Net;
using MacRunners.Hosting.Http;
using Microsoft.AspNetCore.Connections;

namespace MacRunners.Tests.Hosting;

public sealed class ConnectionCapTests
{
    private static readonly IPEndPoint Here = new(IPAddress.Parse("192.0.2.1"), 8080);

    [Fact]
    public async Task Connections_of_this_machine_cannot_use_up_those_of_others()
    {
        var cap = new ConnectionCap(most: 2);
        var open = new TaskCompletionSource();
        var served = new List<Task>
        {
            cap.ServeAsync(From("127.0.0.1"), _ => open.Task),
            cap.ServeAsync(From("192.0.2.1"), _ => open.Task),
        };

        var surplus = From("::1");
        await cap.ServeAsync(surplus, _ => throw new InvalidOperationException("must not be served"));
        Assert.True(surplus.ConnectionClosed.IsCancellationRequested);
        served.Add(cap.ServeAsync(From("198.51.100.7"), _ => open.Task));
        served.Add(cap.ServeAsync(From("198.51.100.8"), _ => open.Task));
        Assert.All(served, connection => Assert.False(connection.IsCompleted));

        open.SetResult();
        await Task.WhenAll(served);
        var later = false;
        await cap.ServeAsync(From("127.0.0.1"), _ =>
        {
            later = true;
            return Task.CompletedTask;
        });
        Assert.True(later);
    }

    private static ClosableConnection From(string address) => new() { LocalEndPoint = Here, RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 40000) };

    /// <summary>Tells when it was aborted.</summary>
    private sealed class ClosableConnection : DefaultConnectionContext
    {
        private readonly CancellationTokenSource _closed = new();

        public override CancellationToken ConnectionClosed => _closed.Token;

        public override void Abort(ConnectionAbortedException abortReason) => _closed.Cancel();
    }
}
