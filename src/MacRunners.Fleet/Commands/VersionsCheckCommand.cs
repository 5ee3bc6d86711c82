using System.CommandLine;
using System.Text.Json;
using MacRunners.Fleet.Versions;

namespace MacRunners.Fleet.Commands;

/// <summary>Verb <c>image versions check</c>.</summary>
internal static class VersionsCheckCommand
{
    private const int LargestScript = 4 * 1024 * 1024;

    /// <summary>The verb.</summary>
    public static Command Create(FleetContext context)
    {
        var (manifest, json) = (ImageFlags.Manifest(), ImageFlags.AsJson());
        var script = new Argument<string>("BOOTSTRAP") { Description = "The script: a file, or an https address." };
        var issue = new Option<bool>("--github-issue")
        {
            Description = "Put a drift into an issue of GITHUB_REPOSITORY (one is open at most) with GITHUB_TOKEN, and end with exit code 0.",
        };
        var command = new Command(
            "check", "Compares every exact version of the manifest with an upstream bootstrap.sh and names each drift. Exit code 3 when there is one.")
        {
            script, manifest, issue, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var drifts = VersionDrift.Compare(ManifestFile.Read(parsed.GetValue(manifest)!).Software, await ReadAsync(parsed.GetValue(script)!, cancellation));
            await context.Output.WriteLineAsync(parsed.GetValue(json) ? JsonSerializer.Serialize(drifts, ImageFlags.Json) : string.Join('\n', drifts.Select(Line)));
            if (!drifts.Any(drift => drift.IsDrift))
            {
                return ExitCodes.Success;
            }

            if (!parsed.GetValue(issue))
            {
                return ExitCodes.No;
            }

            await context.Output.WriteLineAsync(await DriftIssue.WriteAsync(context.Variable, drifts, parsed.GetValue(script)!, cancellation));
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Line(VersionDrift drift) => drift.Kind switch
    {
        DriftKind.Same => $"same       {drift.Tool} {drift.Manifest}",
        DriftKind.Different => $"DRIFT      {drift.Tool}: manifest {drift.Manifest}, upstream {drift.Upstream[0]}",
        DriftKind.Ambiguous => $"DRIFT      {drift.Tool}: manifest {drift.Manifest}, upstream several: {string.Join(", ", drift.Upstream)}",
        DriftKind.Gone => $"DRIFT      {drift.Tool}: manifest {drift.Manifest}, upstream names it no more",
        _ => $"not named  {drift.Tool} {drift.Manifest}",
    };

    private static async Task<string> ReadAsync(string script, CancellationToken cancellation)
    {
        if (!script.Contains("://", StringComparison.Ordinal))
        {
            return await File.ReadAllTextAsync(script, cancellation);
        }

        if (!Uri.TryCreate(script, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps)
        {
            throw new InvalidDataException($"{script}: give a file or an https address");
        }

        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(1), MaxResponseContentBufferSize = LargestScript };
        try
        {
            var text = await http.GetStringAsync(address, cancellation);
            return text.StartsWith("#!", StringComparison.Ordinal) ? text : throw new InvalidDataException($"{script} is not a script: it begins with \"{text[..Math.Min(text.Length, 30)]}\"");
        }
        catch (HttpRequestException e)
        {
            throw new IOException($"{script} cannot be read: {e.Message}", e);
        }
    }
}
