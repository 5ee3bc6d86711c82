using System.Globalization;
using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>dscacheutil</c>: flushing the cache, and users as name look-ups see them.</summary>
internal static class DscacheutilTool
{
    private const int Usage = 64;

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var verb = context.Arguments is ["-flushcache"] ? "flushcache" : "query";
        var effects = await context.BeginAsync(verb, context.Arguments);
        var exitCode = context.Arguments switch
        {
            ["-flushcache"] => 0,
            ["-q", "user", "-a", "name", var name] => Print(context, HostUser.ByName(name)),
            ["-q", "user", "-a", "uid", var text] when uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var uid) => Print(context, HostUser.ByUid(uid)),
            _ => Refuse(context),
        };
        context.End(effects);
        return exitCode;
    }

    private static int Print(ToolContext context, HostUser? user)
    {
        if (user is not null)
        {
            context.Output.WriteLine($"name: {user.Name}");
            context.Output.WriteLine("password: ********");
            context.Output.WriteLine($"uid: {user.Uid}");
            context.Output.WriteLine($"gid: {user.Gid}");
            context.Output.WriteLine($"dir: {user.Home}");
            context.Output.WriteLine($"shell: {user.Shell}");
            context.Output.WriteLine($"gecos: {user.Gecos}");
            context.Output.WriteLine();
        }

        return 0;
    }

    private static int Refuse(ToolContext context)
    {
        context.Error.WriteLine("Usage: dscacheutil -q user -a name|uid value");
        context.Error.WriteLine("       dscacheutil -flushcache");
        return Usage;
    }
}
