using System.Net;
using System.Net.Sockets;
using MacRunners.Hosting.Http;
using MacRunners.Settings;

namespace MacRunners.Tests.Hosting;

public sealed class HttpSocketsTests
{
    [Fact]
    public void Both_families_are_bound_to_the_same_port()
    {
        using var sockets = HttpSockets.Bind(new HttpOptions { Port = 0 }, []);
        Assert.Equal([IPAddress.Any, IPAddress.IPv6Any], sockets.EndPoints.Select(endPoint => endPoint.Address));
        Assert.Single(sockets.EndPoints.Select(endPoint => endPoint.Port).Distinct());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void Nobody_else_can_listen_on_the_port_in_either_family(string address)
    {
        using var sockets = HttpSockets.Bind(new HttpOptions { Port = 0 }, []);
        var taken = sockets.EndPoints.Select(endPoint => (endPoint.Port, Socket: sockets.Take(endPoint))).ToList();
        taken.ForEach(listening => listening.Socket.Listen());
        using var intruder = new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Stream, ProtocolType.Tcp);

        var refused = Assert.Throws<SocketException>(() => intruder.Bind(new IPEndPoint(IPAddress.Parse(address), taken[0].Port)));
        Assert.Equal(SocketError.AddressAlreadyInUse, refused.SocketErrorCode);
        taken.ForEach(listening => listening.Socket.Dispose());
    }

    [Fact]
    public void A_taken_port_is_told_with_its_remedy()
    {
        using var other = new TcpListener(IPAddress.IPv6Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var fault = Assert.Throws<HttpSocketException>(() => HttpSockets.Bind(new HttpOptions { Port = port }, []));
        Assert.Contains($"[::]:{port}", fault.Message);
        Assert.Contains("Http:Port", fault.Message);
    }

    [Fact]
    public void What_the_service_manager_holds_is_used_and_only_the_rest_is_bound()
    {
        using var held = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        held.Bind(new IPEndPoint(IPAddress.Any, 0));
        held.Listen();
        var endPoint = (IPEndPoint)held.LocalEndPoint!;

        using var sockets = HttpSockets.Bind(new HttpOptions { Port = endPoint.Port }, [held.SafeHandle]);

        Assert.Equal([endPoint, new IPEndPoint(IPAddress.IPv6Any, endPoint.Port)], sockets.EndPoints);
        using var taken = sockets.Take(endPoint);
        Assert.Equal(held.Handle, taken.Handle);
    }

    [Fact]
    public void What_the_service_manager_holds_must_be_asked_for()
    {
        using var held = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        held.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        held.Listen();
        var port = ((IPEndPoint)held.LocalEndPoint!).Port;

        var fault = Assert.Throws<HttpSocketException>(() => HttpSockets.Bind(new HttpOptions { Port = port }, [held.SafeHandle]));

        Assert.Contains($"holds 127.0.0.1:{port}, but Http:Port and Http:Addresses ask for 0.0.0.0:{port}", fault.Message);
    }
}
