using System.Net;
using System.Text.Json;
using MacRunners.Hosting.Http;

namespace MacRunners.Images;

/// <summary>Does the daemon say that it is well? Its own tests of itself are part of that. Where none runs, its pages are started for the question.</summary>
/// <param name="url">Of <c>/health</c>.</param>
/// <param name="isRunning">Whether a daemon runs.</param>
/// <param name="isRequired">Whether one has to.</param>
/// <param name="start">Starts the pages.</param>
internal sealed class HealthProbe(Uri url, bool isRunning, bool isRequired, Func<CancellationToken, Task<HealthTrial>> start) : ImageProbe("health")
{
    private const int MostBytes = 256 * 1024;

    /// <inheritdoc/>
    public override async Task<ProbeFinding> RunAsync(CancellationToken cancellationToken)
    {
        if (isRunning)
        {
            return await AskAsync(url, "", cancellationToken);
        }

        if (isRequired)
        {
            return Failed("a daemon that runs", "none");
        }

        await using var trial = await start(cancellationToken);
        return await AskAsync(trial.Health, "no daemon runs, its pages were started for this: ", cancellationToken);
    }

    private static async Task<ProbeFinding> AskAsync(Uri url, string circumstance, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { MaxResponseContentBufferSize = MostBytes };
        using var answer = await client.GetAsync(url, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        HealthDocument? health;
        try
        {
            health = JsonSerializer.Deserialize(text, HttpJson.Default.HealthDocument);
        }
        catch (JsonException)
        {
            health = null;
        }

        var bad = health?.Checks?.Where(check => check.Status != "healthy").Select(check => $"{check.Name} is {check.Status}: {check.Detail}").ToList();
        return bad is null ? Failed("an answer of macrunners", $"status {(int)answer.StatusCode} of something else", $"{url}")
            : answer.StatusCode == HttpStatusCode.OK ? Ok(circumstance + (bad.Count == 0 ? health!.Status : string.Join("; ", bad)), $"{url}")
            : Failed("status 200", $"{(int)answer.StatusCode}: {string.Join("; ", bad)}", $"{url}");
    }
}
