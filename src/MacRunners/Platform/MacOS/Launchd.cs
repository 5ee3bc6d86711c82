using System.Text.RegularExpressions;

namespace MacRunners.Platform.MacOS;

/// <summary>launchd, by <c>launchctl print</c>.</summary>
internal sealed partial class Launchd(ITool tool, string root) : IServiceManager
{
    private const string Label = "com.macrunners.daemon";
    private const int NoSuchService = 113;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public string Name => "launchd";

    /// <inheritdoc/>
    public IReadOnlyList<string> Definitions => [$"{root}/Library/LaunchDaemons/{Label}.plist"];

    /// <inheritdoc/>
    public string StartCommand => $"launchctl bootstrap system {Definitions[0]}";

    /// <inheritdoc/>
    public async Task<ServiceLook> LookAsync(CancellationToken cancellationToken)
    {
        var answer = await tool.RunAsync(root + "/bin/launchctl", ["print", $"system/{Label}"], Limit, cancellationToken);
        if (answer.ExitCode == NoSuchService)
        {
            return new ServiceLook(ServiceState.NotLoaded, HoldsPort: false, "not loaded");
        }

        if (answer.ExitCode != 0)
        {
            throw new ToolException($"launchctl print system/{Label} failed with {answer.Summary}");
        }

        // The format is nobody's promise: what is not found is only not said.
        var isRunning = Running().IsMatch(answer.Output);
        var lastExit = LastExit().Match(answer.Output) is { Success: true } match ? $", last exit code {match.Groups[1].Value.Trim()}" : "";
        return new ServiceLook(
            isRunning ? ServiceState.Running : ServiceState.Loaded, HoldsPort: Sockets().IsMatch(answer.Output), isRunning ? "running" : $"loaded, not running{lastExit}");
    }

    [GeneratedRegex(@"^\s*state = running\s*$", RegexOptions.Multiline)]
    private static partial Regex Running();

    [GeneratedRegex(@"^\s*last exit code = (.+)$", RegexOptions.Multiline)]
    private static partial Regex LastExit();

    [GeneratedRegex(@"^\s*sockets = \{", RegexOptions.Multiline)]
    private static partial Regex Sockets();
}
