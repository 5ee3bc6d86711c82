using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MacRunners.Isolation;

namespace MacRunners.Hosting.Control;

/// <summary>The other side of the <see cref="ControlSocket"/>: what the verbs for operators use.</summary>
internal sealed class ControlClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _path;

    /// <param name="path">The daemon's socket.</param>
    public ControlClient(string path)
    {
        _path = path;
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync, UseProxy = false })
        {
            BaseAddress = new Uri("http://macrunners/"),

            // Sweeps and restarts take their time; who asked decides how long to wait.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>The status.</summary>
    /// <exception cref="NotRunningException">Nobody answers.</exception>
    public Task<StatusDocument> StatusAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, ControlEndpoints.Status, ControlJson.Readable.StatusDocument, cancellationToken);

    /// <summary>Take no jobs.</summary>
    /// <exception cref="NotRunningException">Nobody answers.</exception>
    /// <exception cref="ControlRefusedException">The daemon refused.</exception>
    public Task<StatusDocument> DrainAsync(string? reason, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, $"{ControlEndpoints.Drain}?{ControlEndpoints.Reason}={Uri.EscapeDataString(reason ?? "")}", ControlJson.Readable.StatusDocument, cancellationToken);

    /// <summary>Take jobs again.</summary>
    /// <inheritdoc cref="DrainAsync"/>
    public Task<StatusDocument> ResumeAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, ControlEndpoints.Resume, ControlJson.Readable.StatusDocument, cancellationToken);

    /// <summary>Tear down what was left behind.</summary>
    /// <inheritdoc cref="DrainAsync"/>
    public Task<SweepDocument> SweepAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, ControlEndpoints.Sweep, ControlJson.Readable.SweepDocument, cancellationToken);

    /// <summary>End, to be started again.</summary>
    /// <inheritdoc cref="DrainAsync"/>
    public Task<RestartDocument> RestartAsync(TimeSpan patience, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post,
        FormattableString.Invariant($"{ControlEndpoints.Restart}?{ControlEndpoints.Patience}={patience.TotalSeconds}"),
        ControlJson.Readable.RestartDocument,
        cancellationToken);

    /// <summary>Make attacks on the machine.</summary>
    /// <returns>How each ended, as soon as it has. Whoever stops reading ends them.</returns>
    /// <inheritdoc cref="DrainAsync"/>
    public async IAsyncEnumerable<AttackResult> AttackAsync(
        IEnumerable<Attack> attacks, bool quick, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = attacks.Select(attack => $"{ControlEndpoints.Attack}={attack.Id}").Concat(quick ? [ControlEndpoints.Quick] : []);
        using var answer = await AskAsync(HttpMethod.Post, $"{ControlEndpoints.Isolation}?{string.Join('&', query)}", cancellationToken);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return JsonSerializer.Deserialize(line, IsolationJson.Lines.AttackResult)!;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(HttpMethod method, string request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(method, request, cancellationToken);
        try
        {
            return (await answer.Content.ReadFromJsonAsync(type, cancellationToken))!;
        }
        catch (JsonException e)
        {
            throw NotUnderstood(e);
        }
    }

    /// <summary>The answer when it is one, of which no more than the beginning has arrived.</summary>
    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string request, CancellationToken cancellationToken)
    {
        try
        {
            using var message = new HttpRequestMessage(method, request);
            var answer = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return answer;
            }

            using (answer)
            {
                throw new ControlRefusedException((await answer.Content.ReadFromJsonAsync(ControlJson.Readable.ErrorDocument, cancellationToken))!.Error);
            }
        }
        catch (JsonException e)
        {
            throw NotUnderstood(e);
        }
        catch (HttpRequestException e)
        {
            throw new NotRunningException(
                $"macrunners does not answer at {_path} ({e.InnerException?.Message ?? e.Message}). "
                    + "Is it running? On macOS: launchctl print system/com.macrunners.daemon; on Linux: systemctl status macrunners. "
                    + "If it has another configuration than the usual, name it by --config.",
                e);
        }
    }

    private static ControlRefusedException NotUnderstood(JsonException e) => new($"the daemon's answer is not understood: {e.Message} Its log says more", e);

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The daemon does not answer; the message says where it was asked and what to do.</summary>
internal sealed class NotRunningException(string message, Exception inner) : Exception(message, inner);

/// <summary>The daemon refused; the message is its reason.</summary>
internal sealed class ControlRefusedException(string message, Exception? inner = null) : Exception(message, inner);
