using System.Net;
using System.Text.Json;
using MacRunners.Hosting.Http;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;

namespace MacRunners.Diagnosis;

/// <summary>Is the port of the pages the daemon's: held by it, by the service manager in its place, or free?</summary>
internal sealed class PortExamination(HttpOptions options, IServiceManager service, string state) : Examination("port")
{
    private const int MostBytes = 256 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken)
    {
        if (JournalFile.IsHeld(state))
        {
            return [options.Port == 0 ? Ok("a daemon runs, on a free port of its choice (its log names it)") : await AskAsync(cancellationToken)];
        }

        if (options.Port == 0)
        {
            return [Ok("Http:Port is 0: any free port will do")];
        }

        try
        {
            HttpSockets.Bind(options, held: []).Dispose();
            return [Ok($"port {options.Port} is free on all addresses that are configured")];
        }
        catch (HttpSocketException e)
        {
            return [(await service.LookAsync(cancellationToken)).HoldsPort
                ? Ok($"{service.Name} holds port {options.Port} for the daemon")
                : Failed(e.Message, $"Find who has it (lsof -nP -i :{options.Port}) and stop it, or set Http:Port.")];
        }
    }

    private async Task<DoctorFinding> AskAsync(CancellationToken cancellationToken)
    {
        var address = options.Addresses is [var first, ..] && IPAddress.TryParse(first, out var configured) && !IPAddress.Any.Equals(configured) && !IPAddress.IPv6Any.Equals(configured)
            ? configured
            : IPAddress.Loopback;
        var url = new UriBuilder(Uri.UriSchemeHttp, address.ToString(), options.Port, "health").Uri;
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = Patience, MaxResponseContentBufferSize = MostBytes };
        try
        {
            using var answer = await client.GetAsync(url, cancellationToken);
            var health = JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(cancellationToken), HttpJson.Default.HealthDocument);
            if (health?.Checks is not { } checks)
            {
                return Stranger(url, "without any check");
            }

            var bad = checks.Where(check => check.Status != "healthy").Select(check => $"{check.Name} is {check.Status}: {check.Detail}").ToList();
            return bad.Count == 0
                ? Ok($"{url} is answered by macrunners {health.Version}: {health.Status}")
                : Warning($"{url} is answered by macrunners {health.Version}: {string.Join("; ", bad)}", "See the remedies there.");
        }
        catch (JsonException)
        {
            return Stranger(url, "with something else than JSON");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Failed($"a daemon runs, but {url} does not answer: {e.Message}", "See the daemon's log; restart it (running jobs go on).");
        }
    }

    private DoctorFinding Stranger(Uri url, string how) => Failed(
        $"a daemon runs, but {url} is answered {how}: by another program", $"Find who has port {options.Port} (lsof -nP -i :{options.Port}) and stop it.");
}
