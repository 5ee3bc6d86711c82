namespace MacRunners.MacEmulator.Tools;

/// <summary><c>hdiutil</c> of a machine without attached images.</summary>
internal static class HdiutilTool
{
    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync(context.Arguments is [var verb, ..] ? verb : "help", context.Arguments);
        var exitCode = 1;
        switch (context.Arguments)
        {
            case ["info", "-plist"]:
                context.Output.WriteLine(PropertyListText.Of(PropertyListText.Dictionary(("images", PropertyListText.Array([])))));
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
