using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace MacRunners.Tests.Simulator;

/// <summary>The command as a process of its own.</summary>
public partial class ServeCommandTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_says_where_it_listens_serves_and_ends_on_sigterm()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.Below("token"), "secret\n", Cancellation);
        using var process = Start("serve", "--token-file", folder.Below("token"), "--queue", "mac", "--repositories", folder.Path, "--demo-repository");
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(Cancellation);
            Assert.Matches(Banner(), line);
            using var http = new HttpClient { BaseAddress = new Uri(line!["listening on ".Length..]) };
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Token secret");
            using var answer = await http.GetAsync(new Uri("/v3/metrics/queue?name=mac", UriKind.Relative), Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(Directory.Exists(folder.Below("demo.git")));

            using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await process.WaitForExitAsync(Cancellation);

            Assert.Equal(0, process.ExitCode);
            Assert.Equal("", await process.StandardOutput.ReadToEndAsync(Cancellation));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    [Theory]
    [InlineData("an agent token is needed", "serve")]
    [InlineData("--allow-remote", "serve", "--token", "t", "--listen", "0.0.0.0:0")]
    [InlineData("address:port", "serve", "--token", "t", "--listen", "nowhere")]
    [InlineData("Could not find", "serve", "--token-file", "/nonexistent/token")]
    [InlineData("Unrecognized", "serve", "--token", "t", "--unknown")]
    public async Task Mistakes_are_explained(string expected, params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync(Cancellation);
        var error = await process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);

        Assert.Equal(1, process.ExitCode);
        Assert.Contains(expected, error + await output, StringComparison.OrdinalIgnoreCase);
    }

    private static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "macrunners-sim"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    [GeneratedRegex(@"^listening on http://127\.0\.0\.1:[1-9][0-9]*\z")]
    private static partial Regex Banner();
}
