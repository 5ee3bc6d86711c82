using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace MacRunners.Commands;

/// <summary>The platform of a helper verb: the daemon passes its own choice on by <c>--platform</c> and <c>--root</c>.</summary>
internal static class HelperPlatform
{
    internal const string KindOption = "--platform";
    internal const string RootOption = "--root";

    internal static IPlatform Create(HelperArguments arguments) => Create(arguments.Optional(KindOption), arguments.Optional(RootOption));

    /// <summary>The platform of a verb that has no configuration, because it does not run as root.</summary>
    /// <param name="kindText">Value of <see cref="KindOption"/>; null: the running system's.</param>
    /// <param name="root">Value of <see cref="RootOption"/>; null: none.</param>
    /// <exception cref="HelperUsageException">There is no such kind.</exception>
    internal static IPlatform Create(string? kindText, string? root)
    {
        var kind = PlatformKind.Auto;
        if (kindText is not null && !Enum.TryParse(kindText, ignoreCase: true, out kind))
        {
            throw new HelperUsageException($"{KindOption} '{kindText}' is not one of auto, linux, macos");
        }

        var options = new PlatformOptions { Kind = kind, Root = root ?? "" };
        return PlatformFactory.Create(options, new Tool(TimeProvider.System), new JobsOptions().DirectoryTimeout, TimeProvider.System, NullLoggerFactory.Instance);
    }
}
