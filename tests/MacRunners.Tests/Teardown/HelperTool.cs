using MacRunners.Platform;
using MacRunners.Tests.Commands;

namespace MacRunners.Tests.Teardown;

/// <summary>Runs tools for real. The daemon's helper is its own executable, which here is the test runner: the built daemon takes its place.</summary>
internal sealed class HelperTool : ITool
{
    private readonly Tool _real = new(TimeProvider.System);

    public Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellationToken) =>
        RunAsync(program, arguments, "", limit, cancellationToken);

    public Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, string input, TimeSpan limit, CancellationToken cancellationToken) =>
        _real.RunAsync(program == Environment.ProcessPath ? HelperVerb.Program : program, arguments, input, limit, cancellationToken);
}
