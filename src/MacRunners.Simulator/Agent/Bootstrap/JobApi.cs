using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace MacRunners.Simulator.Agent.Bootstrap;

/// <summary>
/// The job API's socket: made, announced and removed as the agent does, with its limit on the path's length. The stub answers every
/// request with 501, for nothing in a job's life depends on it.
/// </summary>
internal sealed class JobApi : IDisposable
{
    private const int DarwinPathLimit = 104;
    private const int LinuxPathLimit = 108;
    private readonly Socket _listener;
    private readonly string _path;

    private JobApi(Socket listener, string path, string token)
    {
        _listener = listener;
        _path = path;
        Token = token;
        _ = AnswerAsync();
    }

    public string SocketPath => _path;

    public string Token { get; }

    /// <summary>Opens the socket; throws <see cref="JobFailureException"/> if it cannot be.</summary>
    public static JobApi Open(string socketsPath)
    {
        var path = Path.Combine(socketsPath, "job-api", $"{Environment.ProcessId}-{Random.Shared.Next(100_000)}.sock");
        var limit = OperatingSystem.IsMacOS() ? DarwinPathLimit : LinuxPathLimit;
        var length = Encoding.UTF8.GetByteCount(path);
        if (length >= limit)
        {
            throw new JobFailureException($"creating job API server: creating socket server: socket path {path} is too long " +
                $"(path length: {length}, max {limit} characters). This is a limitation of your host OS");
        }

        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            listener.Dispose();
            throw new JobFailureException($"starting Job API server: {e.Message}");
        }

        var token = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return new JobApi(listener, path, token);
    }

    public void Dispose()
    {
        _listener.Dispose();
        File.Delete(_path);
    }

    private async Task AnswerAsync()
    {
        var answer = "HTTP/1.1 501 Not Implemented\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 45\r\n\r\n"u8
            .ToArray().Concat("{\"error\":\"the stub agent has no such call\"}\r\n"u8.ToArray()).ToArray();
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptAsync();
                await client.ReceiveAsync(new byte[4096]);
                await client.SendAsync(answer);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The job is over, or a client left early in a way that ends the listener: either way nobody is owed an answer.
            return;
        }
    }
}
