using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>dsmemberutil</c>: flushing memberships, and who is in which group.</summary>
internal static class DsmemberutilTool
{
    private const int NotFound = 1;
    private const int Usage = 64;

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync(context.Arguments is [var verb, ..] ? verb : "help", context.Arguments);
        var exitCode = context.Arguments switch
        {
            ["flushcache"] => 0,
            ["checkmembership", "-U", var user, "-G", var group] => Check(context, user, group),
            _ => Refuse(context),
        };
        context.End(effects);
        return exitCode;
    }

    private static int Check(ToolContext context, string name, string group)
    {
        if (HostUser.ByName(name) is not { } user)
        {
            context.Error.WriteLine($"The user {name} cannot be found");
            return NotFound;
        }

        var isMember = user.Groups().Any(gid => HostUser.GroupName(gid) == group);
        context.Output.WriteLine(isMember ? "user is a member of the group" : "user is not a member of the group");
        return 0;
    }

    private static int Refuse(ToolContext context)
    {
        context.Error.WriteLine("Usage: dsmemberutil checkmembership -U username -G groupname | flushcache");
        return Usage;
    }
}
