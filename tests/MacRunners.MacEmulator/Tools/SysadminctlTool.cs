using System.Globalization;
using MacRunners.MacEmulator.Accounts;
using MacRunners.MacEmulator.Faults;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>sysadminctl</c>: adds, deletes, tells about secure tokens. Says everything on standard error and ends with 0 whatever became of it.</summary>
internal static class SysadminctlTool
{
    private const int NotRoot = 255;

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var verb = context.Arguments is [var first, ..] ? first.TrimStart('-') : "help";
        var effects = await context.BeginAsync(verb, context.Arguments, writes: verb is "addUser" or "deleteUser");
        var exitCode = await RunAsync(context, verb, effects);
        context.End(effects);
        return exitCode;
    }

    private static async Task<int> RunAsync(ToolContext context, string verb, FaultEffects effects)
    {
        switch (verb)
        {
            case "secureTokenStatus" when context.Arguments is [_, var user]:
                Say(context, $"Secure token is DISABLED for user {user}");
                return 0;
            case "addUser" or "deleteUser" when !context.IsRoot:
                context.Error.WriteLine("sysadminctl should be run as root for this operation");
                return NotRoot;
            case "addUser" when context.Arguments is [_, var user, ..]:
                await AddAsync(context, user, effects);
                return 0;
            case "deleteUser" when context.Arguments is [_, var user, ..]:
                await DeleteAsync(context, user, effects);
                return 0;
            default:
                context.Error.WriteLine("Usage: sysadminctl");
                return 0;
        }
    }

    private static async Task AddAsync(ToolContext context, string user, FaultEffects effects)
    {
        var (uid, gid, home) = (Option(context, "-UID"), Option(context, "-GID") ?? "20", Option(context, "-home") ?? $"/Users/{user}");
        if (Option(context, "-password") is null)
        {
            Say(context, "No clear text password or interactive option was specified (adduser, change/reset password will not allow user to use FDE) !");
        }

        Say(context, "Creating user record…");
        if (effects.TccDenied)
        {
            Say(context, "### Error:-14120 File:/AppleInternal/Library/BuildRoots/sysadminctl/DSRecord.m Line:418");
            return;
        }

        try
        {
            await context.Directory.WriteAsync(context.Policy(effects), directory =>
            {
                Set(AttributeName.UniqueId, uid ?? Free(directory));
                Set(AttributeName.PrimaryGroupId, gid);
                Set(AttributeName.RealName, Option(context, "-fullName") ?? user);
                Set(AttributeName.Shell, Option(context, "-shell") ?? "/bin/zsh");
                Set(AttributeName.Home, home);

                void Set(string attribute, string value) => directory.Set(RecordType.Users, user, attribute, [value]);
            });
            Say(context, $"Assigning UID: {uid ?? "next"} GID: {gid}");
            Say(context, $"Home directory is assigned (not created!) at {home}");
        }
        catch (DirectoryServiceException e)
        {
            Say(context, $"### Error:{e.Status.Number} File:/AppleInternal/Library/BuildRoots/sysadminctl/DSRecord.m Line:418");
        }
    }

    private static async Task DeleteAsync(ToolContext context, string user, FaultEffects effects)
    {
        if (context.Directory.Read(context.Policy(effects), directory => directory.Find(RecordType.Users, user)) is not { FixedBecause: null } record)
        {
            Say(context, $"User {user} was not found");
            return;
        }

        Say(context, $"Deleting record for user {user}");
        if (!context.Arguments.Contains("-keepHome") && record.First(AttributeName.Home) is { } home && home.StartsWith($"{context.Root.Path}/Users/", StringComparison.Ordinal) && Directory.Exists(home))
        {
            Say(context, $"Removing {user}'s home at {home}");
            Root.TreeRemoval.Remove(home);
        }

        try
        {
            await context.Directory.WriteAsync(context.Policy(effects), directory => directory.Delete(RecordType.Users, user));
        }
        catch (DirectoryServiceException e)
        {
            Say(context, $"### Error:{e.Status.Number} File:/AppleInternal/Library/BuildRoots/sysadminctl/DSRecord.m Line:563");
        }
    }

    private static string Free(AccountDirectory directory)
    {
        var taken = directory.All(RecordType.Users).Select(user => user.First(AttributeName.UniqueId)).ToHashSet();
        return Enumerable.Range((int)HostAccounts.SmallestId, int.MaxValue - (int)HostAccounts.SmallestId)
            .Select(number => number.ToString(CultureInfo.InvariantCulture)).First(number => !taken.Contains(number));
    }

    private static string? Option(ToolContext context, string name)
    {
        var place = context.Arguments.ToList().IndexOf(name);
        return place >= 0 && place + 1 < context.Arguments.Count ? context.Arguments[place + 1] : null;
    }

    private static void Say(ToolContext context, string text) =>
        context.Error.WriteLine($"{context.Time.GetLocalNow():yyyy-MM-dd HH:mm:ss.fff} sysadminctl[{Environment.ProcessId}:{Environment.ProcessId * 16}] {text}");
}
