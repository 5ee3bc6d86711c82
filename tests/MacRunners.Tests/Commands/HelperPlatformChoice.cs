using MacRunners.Tests.Platform.MacOS;

namespace MacRunners.Tests.Commands;

/// <summary>The implementations a hidden verb can use on this machine, and what each needs around it.</summary>
internal static class HelperPlatformChoice
{
    internal const string Linux = "linux";
    internal const string MacOS = "macos";

    // The verbs need nothing below the root; only the library, beside the executable or where the loader looks.
    internal static string[] Options(string platform) => platform == Linux ? [] : ["--platform", "macos", "--root", "/nonexistent"];

    internal static IReadOnlyDictionary<string, string> Environment(string platform) =>
        platform == Linux ? new Dictionary<string, string>() : new()
        {
            ["LD_LIBRARY_PATH"] = EmulatedMac.Programs,
        };
}
