namespace MacRunners.MacEmulator.Tools;

/// <summary><c>diskutil</c> and <c>hdiutil</c> of a machine without further disks or attached images.</summary>
internal static class DiskTools
{
    private const string Head = """
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
        <plist version="1.0">
        """;

    internal static async Task<int> DiskutilAsync(ToolContext context)
    {
        var effects = await context.BeginAsync(context.Arguments is [var verb, ..] ? verb : "help", context.Arguments);
        if (context.Arguments is ["info", "-plist", var disk])
        {
            context.Output.WriteLine($"{Head}\n<dict>\n\t<key>Error</key>\n\t<true/>\n\t<key>ErrorMessage</key>\n\t<string>Could not find disk: {disk}</string>\n</dict>\n</plist>");
        }
        else
        {
            context.Error.WriteLine("Usage:  diskutil [quiet] <verb> <options>");
        }

        context.End(effects);
        return 1;
    }

    internal static async Task<int> HdiutilAsync(ToolContext context)
    {
        var effects = await context.BeginAsync(context.Arguments is [var verb, ..] ? verb : "help", context.Arguments);
        var exitCode = 1;
        switch (context.Arguments)
        {
            case ["info", "-plist"]:
                context.Output.WriteLine($"{Head}\n<dict>\n\t<key>images</key>\n\t<array/>\n</dict>\n</plist>");
                exitCode = 0;
                break;
            case ["detach", ..]:
                context.Error.WriteLine("hdiutil: detach failed - No such file or directory");
                break;
            default:
                context.Error.WriteLine("Usage: hdiutil <verb> <options>");
                break;
        }

        context.End(effects);
        return exitCode;
    }
}
