using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace MacRunners.Commands;

/// <summary>The platform of a helper verb: the daemon passes its own choice on by <c>--platform</c> and <c>--root</c>.</summary>
internal static class HelperPlatform
{
    internal const string KindOption = "--platform";
    internal const string RootOption = "--root";

    internal static IPlatform Create(HelperArguments arguments)
    {
        var kind = PlatformKind.Auto;
        if (arguments.Optional(KindOption) is { } text && !Enum.TryParse(text, ignoreCase: true, out kind))
        {
            throw new HelperUsageException($"{KindOption} '{text}' is not one of auto, linux, macos");
        }

        var options = new PlatformOptions { Kind = kind, Root = arguments.Optional(RootOption) ?? "" };
        return PlatformFactory.Create(options, new Tool(TimeProvider.System), new JobsOptions().DirectoryTimeout, TimeProvider.System, NullLoggerFactory.Instance);
    }
}
