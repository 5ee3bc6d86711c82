using System.Diagnostics;
using System.Text.RegularExpressions;
using MacRunners.Tests.Commands;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Hosting;

/// <summary>The built executable as a whole, with nobody at the other end of the line.</summary>
[Collection(AccountsCollection.Name)]
public sealed partial class DaemonTests : IDisposable
{
    private const string Token = "bkct_never_to_be_seen";

    private readonly Scratch _scratch = RootFolder.Create();

    public DaemonTests() =>
        Scratch.Shell("printf '#!/bin/sh\\necho buildkite-agent version 3.87.0, build 1\\n' > $1/agent; chmod 0755 $1/agent", _scratch.Folder);

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task It_starts_answers_hides_its_token_and_stops_by_sigterm()
    {
        using var daemon = Start();
        try
        {
            var port = await PortAsync(daemon);
            using var client = new HttpClient();
            foreach (var host in (string[])["127.0.0.1", "[::1]"])
            {
                Assert.Contains("\"name\": \"buildkite\"", await client.GetStringAsync(new Uri($"http://{host}:{port}/health"), TestContext.Current.CancellationToken));
            }

            Assert.Contains("macrunners_build_info", await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), TestContext.Current.CancellationToken));
            Assert.DoesNotContain(Token, await File.ReadAllTextAsync($"/proc/{daemon.Id}/environ", TestContext.Current.CancellationToken));
        }
        finally
        {
            Scratch.Shell("kill -TERM $1", $"{daemon.Id}");
        }

        await daemon.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, daemon.ExitCode);
        Assert.Equal("", Scratch.Shell("grep -rl $2 $1", _scratch.Folder, Token));
    }

    [Fact]
    public async Task It_goes_on_when_nobody_can_be_told_that_its_console_cannot_be_written()
    {
        // Every line costs two failures: that of the console, and that of the complaint about it.
        using var daemon = Process.Start(new ProcessStartInfo(
            "/bin/sh", ["-c", "exec \"$@\" > /dev/full 2>&1", "test", HelperVerb.Program, "run", .. Settings(), "--set", "Log:Level=Debug"])
        {
            Environment = { ["BUILDKITE_AGENT_TOKEN"] = Token },
        })!;
        var log = Path.Combine(_scratch["logs"], "macrunners-*.json");

        // By then the dispatcher itself has written.
        while (!Scratch.Shell("cat $1 2>/dev/null", log).Contains("Not connected to Buildkite", StringComparison.Ordinal))
        {
            Assert.False(daemon.HasExited);
            await Task.Yield();
        }

        Scratch.Shell("kill -TERM $1", $"{daemon.Id}");
        await daemon.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, daemon.ExitCode);
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(HelperVerb.Program, ["run", .. Settings()]) { RedirectStandardOutput = true };
        start.Environment["BUILDKITE_AGENT_TOKEN"] = Token;
        return Process.Start(start)!;
    }

    private IEnumerable<string> Settings()
    {
        string[] settings =
        [
            "Buildkite:Endpoint=http://127.0.0.1:9/v3",
            $"Agent:Path={_scratch["agent"]}",
            "Http:Port=0",
            // Numbers of nobody's: at its start the daemon tears down whatever lies in its range.
            "Accounts:UidMin=1900000000",
            "Accounts:UidMax=1900000999",
            "Network:Table=macrunners_1900000000",
            "Network:Fence=false",
            $"Paths:State={_scratch["state"]}",
            $"Paths:Logs={_scratch["logs"]}",
            $"Paths:Homes={_scratch["u"]}",
            $"Paths:Run={_scratch["run"]}",
        ];
        return settings.SelectMany(setting => new[] { "--set", setting });
    }

    private static async Task<string> PortAsync(Process daemon)
    {
        while (await daemon.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (Pages().Match(line) is { Success: true } match)
            {
                return match.Groups[1].Value;
            }
        }

        throw new InvalidOperationException("The daemon ended before it listened");
    }

    [GeneratedRegex(@"pages on 0\.0\.0\.0:(\d+), \[::\]:\1;")]
    private static partial Regex Pages();
}
