using MacRunners.MacEmulator.Accounts;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>dseditgroup</c>: who is in a group, changing that, making and deleting groups.</summary>
internal static class DseditgroupTool
{
    private const int Usage = 64;
    private const int NotMember = 67;
    private const int Permission = 77;
    private const int RecordMissing = 200;

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync(context.Arguments is ["-o", var operation, ..] ? operation : "help", context.Arguments, writes: true);
        int exitCode;
        try
        {
            exitCode = await RunAsync(context, context.Policy(effects));
        }
        catch (DirectoryServiceException e)
        {
            context.Error.WriteLine(e.Status.Name);
            exitCode = Permission;
        }

        context.End(effects);
        return exitCode;
    }

    private static async Task<int> RunAsync(ToolContext context, DirectoryPolicy policy)
    {
        switch (context.Arguments)
        {
            case ["-o", "checkmember", "-m", var user, var group]:
                return Check(context, policy, user, group);
            case ["-o", "edit", "-a" or "-d", _, "-t", "user", var group] when Find(context, policy, RecordType.Groups, group) is null:
                return Fail(context, "Group not found.");
            case ["-o", "edit", "-a" or "-d", var user, "-t", "user", var group]:
                if (Find(context, policy, RecordType.Users, user) is null)
                {
                    context.Error.WriteLine("Record was not found.");
                    return RecordMissing;
                }

                var adds = context.Arguments[2] == "-a";
                await context.Directory.WriteAsync(policy, directory =>
                {
                    if (adds)
                    {
                        directory.Append(RecordType.Groups, group, AttributeName.GroupMembership, [user], unique: true);
                    }
                    else
                    {
                        directory.DeleteAttribute(RecordType.Groups, group, AttributeName.GroupMembership, user);
                    }
                });
                return 0;
            case ["-o", "create", "-q", "-i", var gid, var group]:
                if (context.Directory.Read(policy, directory => directory.All(RecordType.Groups).Any(other => other.First(AttributeName.PrimaryGroupId) == gid)))
                {
                    return Fail(context, "GID already exists");
                }

                await context.Directory.WriteAsync(policy, directory => directory.Set(RecordType.Groups, group, AttributeName.PrimaryGroupId, [gid]));
                return 0;
            case ["-o", "delete", var group] when Find(context, policy, RecordType.Groups, group) is null:
                return Fail(context, "Group not found.");
            case ["-o", "delete", var group]:
                await context.Directory.WriteAsync(policy, directory => directory.Delete(RecordType.Groups, group));
                return 0;
            default:
                return Fail(context, "usage: dseditgroup [options] [groupname]");
        }
    }

    private static int Check(ToolContext context, DirectoryPolicy policy, string user, string group)
    {
        if (Find(context, policy, RecordType.Groups, group) is not { } found)
        {
            return Fail(context, "Group not found.");
        }

        if (Find(context, policy, RecordType.Users, user) is not { } record)
        {
            return Fail(context, "Unable to find the user record");
        }

        var isMember = found.Attributes.GetValueOrDefault(AttributeName.GroupMembership)?.Contains(user) == true
            || found.First(AttributeName.PrimaryGroupId) is { } gid && gid == record.First(AttributeName.PrimaryGroupId);
        context.Output.WriteLine(isMember ? $"yes {user} is a member of {group}" : $"no {user} is NOT a member of {group}");
        return isMember ? 0 : NotMember;
    }

    private static DirectoryRecord? Find(ToolContext context, DirectoryPolicy policy, RecordType type, string name) =>
        context.Directory.Read(policy, directory => directory.Find(type, name));

    private static int Fail(ToolContext context, string text)
    {
        context.Error.WriteLine(text);
        return Usage;
    }
}
