namespace MacRunners.MacEmulator.Tools;

/// <summary><c>crontab -u NAME -l|-r</c>, for root.</summary>
internal static class CrontabTool
{
    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync(context.Arguments is [.., var last] ? last.TrimStart('-') : "help", context.Arguments, writes: true);
        var exitCode = Run(context);
        context.End(effects);
        return exitCode;
    }

    private static int Run(ToolContext context)
    {
        if (context.Arguments is not ["-u", var name, "-l" or "-r"] || !context.IsRoot || name.Contains('/', StringComparison.Ordinal))
        {
            context.Error.WriteLine("usage: crontab [-u user] { -l | -r | -e }");
            return 1;
        }

        var tab = $"{context.Root.Path}/private/var/at/tabs/{name}";
        if (!File.Exists(tab))
        {
            context.Error.WriteLine($"crontab: no crontab for {name}");
            return 1;
        }

        if (context.Arguments[^1] == "-l")
        {
            context.Output.Write(File.ReadAllText(tab));
        }
        else
        {
            File.Delete(tab);
        }

        return 0;
    }
}
