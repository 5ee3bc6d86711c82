using MacRunners.MacEmulator.Root;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>csrutil status</c>: is System Integrity Protection on?</summary>
internal static class CsrutilTool
{
    internal static async Task<int> RunAsync(ToolContext context)
    {
        if (context.Arguments is not ["status"])
        {
            context.Error.WriteLine("usage: csrutil <command>");
            return 1;
        }

        var effects = await context.BeginAsync("status", context.Arguments);
        context.Output.WriteLine($"System Integrity Protection status: {(Machine.Read(context.Root).IsProtected ? "enabled" : "disabled")}.");
        context.End(effects);
        return 0;
    }
}
