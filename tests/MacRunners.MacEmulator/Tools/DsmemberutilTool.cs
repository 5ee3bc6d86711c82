namespace MacRunners.MacEmulator.Tools;

/// <summary><c>dsmemberutil flushcache</c>.</summary>
internal static class DsmemberutilTool
{
    private const int Usage = 64;

    internal static async Task<int> RunAsync(ToolContext context)
    {
        if (context.Arguments is not ["flushcache"])
        {
            context.Error.WriteLine("Usage: dsmemberutil flushcache");
            return Usage;
        }

        context.End(await context.BeginAsync("flushcache", context.Arguments));
        return 0;
    }
}
