using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MacRunners.EndToEnd;

/// <summary>Where <c>make</c> puts the programs these tests run: the same Native AOT executables that are installed.</summary>
internal static class Published
{
    public static string Programs { get; } = Require($"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}", "macrunners");

    public static string Emulator { get; } = Require("emulator", "mac-emulator");

    private static string Require(string folder, string program, [CallerFilePath] string here = "")
    {
        var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "artifacts", folder));
        return File.Exists(Path.Combine(path, program))
            ? path
            : throw new FileNotFoundException($"{path}/{program} is missing: run the tests by make, which publishes it");
    }
}
