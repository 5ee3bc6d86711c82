using MacRunners.MacEmulator.Root;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>sw_vers</c>: which macOS this pretends to be.</summary>
internal static class SwVersTool
{
    private const string Product = "macOS";
    private const string Build = "24F74";

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync("sw_vers", context.Arguments);
        var exitCode = Run(context);
        context.End(effects);
        return exitCode;
    }

    private static int Run(ToolContext context)
    {
        var version = Machine.Read(context.Root).Version;
        switch (context.Arguments)
        {
            case []:
                context.Output.WriteLine($"ProductName:\t\t{Product}");
                context.Output.WriteLine($"ProductVersion:\t\t{version}");
                context.Output.WriteLine($"BuildVersion:\t\t{Build}");
                return 0;
            case ["-productName" or "--productName"]:
                context.Output.WriteLine(Product);
                return 0;
            case ["-productVersion" or "--productVersion"]:
                context.Output.WriteLine(version);
                return 0;
            case ["-buildVersion" or "--buildVersion"]:
                context.Output.WriteLine(Build);
                return 0;
            default:
                context.Error.WriteLine("Usage: sw_vers [--help|--productName|--productVersion|--productVersionExtra|--buildVersion]");
                return 1;
        }
    }
}
