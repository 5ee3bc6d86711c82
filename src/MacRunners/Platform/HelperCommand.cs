using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Platform;

/// <summary>How the daemon starts its own executable as a helper, on the same platform implementation.</summary>
internal sealed class HelperCommand(IOptions<PlatformOptions> platform)
{
    /// <summary>Absolute path of the executable.</summary>
    public string Program { get; init; } = Environment.ProcessPath ?? throw new InvalidOperationException("The daemon's own path is unknown");

    /// <summary>Arguments: the hidden verb first, then its own.</summary>
    public IReadOnlyList<string> Arguments(params IReadOnlyList<string> verbAndArguments) =>
        platform.Value.Root.Length == 0
            ? verbAndArguments
            : [verbAndArguments[0], "--platform", "macos", "--root", platform.Value.Root, .. verbAndArguments.Skip(1)];
}
