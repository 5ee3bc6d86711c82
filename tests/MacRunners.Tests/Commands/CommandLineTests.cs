using System.Diagnostics;
using System.Text.Json;

namespace MacRunners.Tests.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(64, "bogus")]
    [InlineData(64, "run", "--bogus")]
    [InlineData(64, "version", "surplus")]
    [InlineData(64, "run", "--config")]
    [InlineData(64, "drain", "--wait", "--timeout", "30")]
    [InlineData(64, "drain", "--timeout", "00:00:30")]
    [InlineData(64, "restart", "--timeout", "-00:00:01")]
    [InlineData(64, "logs", "--job", "../../etc/passwd")]
    [InlineData(64, "completion", "tcsh")]
    [InlineData(69, "status", "--set", "Paths:Run=/nowhere")]
    [InlineData(64, "selftest", "isolation", "--attack", "no-such-attack")]
    [InlineData(78, "selftest", "isolation", "--set", "Jobs:Slots=many")]
    [InlineData(0, "selftest", "isolation", "--list")]
    [InlineData(0, "selftest", "isolation", "--list", "--json", "--attack", "double-fork")]
    [InlineData(0, "version")]
    [InlineData(0, "--help")]
    [InlineData(0, "config", "validate", "--help")]
    [InlineData(0, "config", "reference")]
    [InlineData(78, "config", "validate", "--set", "Jobs:Slots=many")]
    [InlineData(78, "run", "--config", "/nowhere.json")]
    public async Task Exit_codes_are_as_documented(int expected, params string[] arguments)
    {
        var (exitCode, output, error) = await RunAsync(arguments);
        Assert.Equal(expected, exitCode);
        Assert.Equal(expected == 0, error.Length == 0);
        Assert.Equal(expected == 0, output.Length > 0);
    }

    [Theory]
    [InlineData]
    [InlineData("run")]
    [InlineData("config", "show")]
    public async Task Every_help_text_documents_the_exit_codes(params string[] verb) =>
        Assert.Contains("78  the configuration has faults", (await RunAsync([.. verb, "--help"])).Output);

    [Fact]
    public async Task Faults_can_be_read_by_scripts()
    {
        var (exitCode, output, _) = await RunAsync("config", "validate", "--json", "--set", "Jobs:Slots=many");
        using var answer = JsonDocument.Parse(output);
        Assert.Equal(78, exitCode);
        Assert.False(answer.RootElement.GetProperty("valid").GetBoolean());
        Assert.Contains(answer.RootElement.GetProperty("faults").EnumerateArray(), fault => fault.GetProperty("key").GetString() == "Jobs:Slots");
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(HelperVerb.Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }
}
