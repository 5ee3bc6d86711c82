using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MacRunners.Fleet.Versions;

/// <summary>The issue about a drift: at most one is open, and it says what the last comparison found.</summary>
internal static partial class DriftIssue
{
    private const string Label = "version-drift";
    private const string Title = "Versions of the image's software have drifted from upstream";

    /// <summary>Opens the issue, or renews the one that is open.</summary>
    /// <param name="variable">Reads an environment variable of the workflow.</param>
    /// <param name="drifts">What was found.</param>
    /// <param name="script">What it was compared with.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>One line for people.</returns>
    /// <exception cref="InvalidDataException">This is no workflow, or the token is missing.</exception>
    /// <exception cref="IOException">GitHub does not do it.</exception>
    public static async Task<string> WriteAsync(Func<string, string?> variable, IReadOnlyList<VersionDrift> drifts, string script, CancellationToken cancellation)
    {
        if (variable("GITHUB_REPOSITORY") is not { } repository || !Repository().IsMatch(repository)
            || variable("GITHUB_TOKEN") is not { Length: > 0 } token
            || !Uri.TryCreate(variable("GITHUB_API_URL"), UriKind.Absolute, out var api))
        {
            throw new InvalidDataException("--github-issue: GITHUB_REPOSITORY, GITHUB_TOKEN and GITHUB_API_URL must be set, as in a workflow with the permission issues: write");
        }

        using var http = new HttpClient { BaseAddress = new Uri($"{api.AbsoluteUri.TrimEnd('/')}/repos/{repository}/"), Timeout = TimeSpan.FromSeconds(30) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        http.DefaultRequestHeaders.Accept.ParseAdd("application/vnd.github+json");
        http.DefaultRequestHeaders.UserAgent.ParseAdd("macrunners-fleet");
        try
        {
            var body = Body(drifts, script);
            var open = await http.GetFromJsonAsync<JsonElement>(new Uri($"issues?state=open&labels={Label}", UriKind.Relative), cancellation);
            if (open.EnumerateArray().Select(issue => (JsonElement?)issue).FirstOrDefault() is { } found)
            {
                var number = found.GetProperty("number").GetInt32();
                using var changed = await http.PatchAsJsonAsync(new Uri($"issues/{number}", UriKind.Relative), new { body }, cancellation);
                changed.EnsureSuccessStatusCode();
                return $"issue {number} is open already and says so now";
            }

            using var created = await http.PostAsJsonAsync(new Uri("issues", UriKind.Relative), new { title = Title, body, labels = new[] { Label } }, cancellation);
            created.EnsureSuccessStatusCode();
            var answer = await created.Content.ReadFromJsonAsync<JsonElement>(cancellation);
            return $"issue {answer.GetProperty("number").GetInt32()} is open";
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new IOException($"The issue could not be written: {e.Message} Does the workflow have the permission issues: write?", e);
        }
    }

    /// <summary>A table of what has drifted, then what to do.</summary>
    public static string Body(IReadOnlyList<VersionDrift> drifts, string script) =>
        $"Compared with {script}:\n\n| Tool | Manifest | Upstream |\n| --- | --- | --- |\n"
        + string.Concat(drifts.Where(drift => drift.IsDrift).Select(drift => $"| {drift.Tool} | {drift.Manifest} | {(drift.Kind == DriftKind.Gone ? "names it no more" : string.Join(", ", drift.Upstream))} |\n"))
        + $"\nDecide, change `{ManifestFile.DefaultPath}` with the new checksums, and let the image be rebuilt.\n";

    [GeneratedRegex(@"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+\z")]
    private static partial Regex Repository();
}
