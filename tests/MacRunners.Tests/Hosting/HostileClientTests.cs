using System.Net;
using System.Net.Sockets;
using System.Text;
using MacRunners.Health;

namespace MacRunners.Tests.Hosting;

/// <summary>Everybody can reach the pages, so nobody may be able to make them unreachable.</summary>
public sealed class HostileClientTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_scrapes_at_once_are_all_answered_whole()
    {
        await using var pages = await Pages.StartAsync(Finding.Healthy("fine"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => pages.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel)));
        Assert.All(answers, text =>
        {
            Assert.Contains("macrunners_build_info", text);
            Assert.EndsWith("\n", text);
        });
    }

    [Fact]
    public async Task Clients_that_never_finish_their_request_hold_nobody_up_and_are_thrown_out()
    {
        await using var pages = await Pages.StartAsync(Finding.Healthy("fine"));
        var slow = new List<Socket>();
        for (var n = 0; n < 500; n++)
        {
            var socket = await ConnectAsync(pages);
            await socket.SendAsync("GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: "u8.ToArray(), Cancel);
            slow.Add(socket);
        }

        Assert.Equal(HttpStatusCode.OK, (await pages.Client.GetAsync(new Uri("/health", UriKind.Relative), Cancel)).StatusCode);
        foreach (var socket in slow)
        {
            // Everything until the end of the connection: at most a refusal.
            var text = await ReadToEndAsync(socket);
            Assert.True(text.Length == 0 || text.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), text);
            socket.Dispose();
        }
    }

    [Fact]
    public async Task Clients_that_do_not_read_their_answers_hold_nobody_up()
    {
        await using var pages = await Pages.StartAsync(Finding.Healthy("fine"));
        var deaf = new List<Socket>();
        for (var n = 0; n < 100; n++)
        {
            var socket = await ConnectAsync(pages, receiveBuffer: 4096);
            await FillAsync(socket);
            deaf.Add(socket);
        }

        Assert.Equal(HttpStatusCode.OK, (await pages.Client.GetAsync(new Uri("/health", UriKind.Relative), Cancel)).StatusCode);
        Assert.Contains("macrunners_build_info", await pages.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel), StringComparison.Ordinal);
        deaf.ForEach(socket => socket.Dispose());
    }

    // Each is small enough to be read whole before it is refused, so that the answer arrives.
    [Theory]
    [InlineData("GET /health HTTP/1.1\r\nHost: x\r\nX-Big: {0}\r\n\r\n", 8 * 1024, "HTTP/1.1 431")]
    [InlineData("GET /{0} HTTP/1.1\r\nHost: x\r\n\r\n", 2 * 1024, "HTTP/1.1 414")]
    [InlineData("POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{0}", 5, "HTTP/1.1 405")]
    [InlineData("nonsense\r\n\r\n", 0, "HTTP/1.1 400")]
    public async Task Oversized_and_broken_requests_are_refused(string request, int size, string expected)
    {
        await using var pages = await Pages.StartAsync(Finding.Healthy("fine"));

        Assert.StartsWith(expected, await AnswerAsync(pages, request, size), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await pages.Client.GetAsync(new Uri("/health", UriKind.Relative), Cancel)).StatusCode);
    }

    [Theory]
    [InlineData("GET /health HTTP/1.1\r\nHost: x\r\nX-Big: {0}\r\n\r\n", "HTTP/1.1 431")]
    [InlineData("GET /{0} HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 414")]
    [InlineData("POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{0}", "HTTP/1.1 4")]
    public async Task A_flood_is_refused_or_cut_off(string request, string expected)
    {
        await using var pages = await Pages.StartAsync(Finding.Healthy("fine"));

        // A connection that is closed before all of it was read may take the answer with it.
        var answer = await AnswerAsync(pages, request, 100_000);
        Assert.True(answer.Length == 0 || answer.StartsWith(expected, StringComparison.Ordinal), answer);
        Assert.Equal(HttpStatusCode.OK, (await pages.Client.GetAsync(new Uri("/health", UriKind.Relative), Cancel)).StatusCode);
    }

    private static async Task<string> AnswerAsync(Pages pages, string request, int size)
    {
        using var socket = await ConnectAsync(pages);
        await socket.SendAsync(Encoding.ASCII.GetBytes(string.Format(System.Globalization.CultureInfo.InvariantCulture, request, new string('a', size))), Cancel);
        return await ReadToEndAsync(socket);
    }

    /// <summary>Asks until neither the questions nor the answers have room on their way.</summary>
    private static async Task FillAsync(Socket socket)
    {
        var questions = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 100)));
        using var full = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        try
        {
            while (true)
            {
                full.CancelAfter(TimeSpan.FromMilliseconds(100));
                await socket.SendAsync(questions, full.Token);
            }
        }
        catch (OperationCanceledException) when (!Cancel.IsCancellationRequested)
        {
            // It takes no more.
        }
    }

    private static async Task<Socket> ConnectAsync(Pages pages, int receiveBuffer = 64 * 1024)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = receiveBuffer };
        await socket.ConnectAsync(IPAddress.Loopback, pages.Client.BaseAddress!.Port, Cancel);
        return socket;
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            int count;
            while ((count = await socket.ReceiveAsync(buffer, Cancel)) > 0)
            {
                text.Append(Encoding.ASCII.GetString(buffer, 0, count));
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Thrown out with data unread.
        }

        return text.ToString();
    }
}
