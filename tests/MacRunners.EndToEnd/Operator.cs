using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MacRunners.EndToEnd;

/// <summary>Runs the installed program's verbs as an operator would, with the machine's own configuration.</summary>
internal static class Operator
{
    /// <summary>Runs a verb with <c>--json</c>.</summary>
    public static async Task<(int ExitCode, JsonNode Answer)> AskAsync(Worker worker, params string[] verb)
    {
        var (exitCode, output, error) = await VerbAsync(worker, [.. verb, "--json"]);
        Assert.True(output.StartsWith('{'), $"{string.Join(' ', verb)} ended with {exitCode}: {error}{output}");
        return (exitCode, JsonNode.Parse(output)!);
    }

    /// <summary>Runs a verb.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> VerbAsync(Worker worker, params string[] verb)
    {
        var start = new ProcessStartInfo(worker.Machine.DaemonProgram, [.. verb, "--config", worker.Machine.ConfigFile])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }

    /// <summary>Doctor's findings of one examination.</summary>
    public static List<JsonNode> Findings(JsonNode report, string check) =>
        [.. report["findings"]!.AsArray().OfType<JsonNode>().Where(finding => finding["check"]!.GetValue<string>() == check)];
}
