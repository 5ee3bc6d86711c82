using MacRunners.MacEmulator.Root;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>mdutil</c>: whether Spotlight indexes a volume, and switching it off and on.</summary>
internal static class MdutilTool
{
    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync(context.Arguments is [var option, ..] ? option.TrimStart('-') : "help", context.Arguments);
        var exitCode = Run(context);
        context.End(effects);
        return exitCode;
    }

    private static int Run(ToolContext context)
    {
        switch (context.Arguments)
        {
            case ["-i", "on" or "off", _] when !context.IsRoot:
                context.Error.WriteLine("mdutil: You must be root to perform this operation.");
                return 1;
            case ["-i", "on" or "off", var path]:
                Machine.Change(context.Root, machine => machine with { IsIndexed = context.Arguments[1] == "on" });
                return Say(context, path);
            case ["-a", "-s"]:
                return Say(context, "/");
            case ["-s", var path]:
                return Say(context, path);
            default:
                context.Error.WriteLine("Usage: mdutil -pEsa -i (on|off) -d volume ...");
                return 1;
        }
    }

    private static int Say(ToolContext context, string path)
    {
        context.Output.WriteLine($"{path}:");
        context.Output.WriteLine(Machine.Read(context.Root).IsIndexed ? "\tIndexing enabled. " : "\tIndexing disabled.");
        return 0;
    }
}
