using System.Globalization;
using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>id</c>: the forms scripts use.</summary>
internal static class IdTool
{
    // Every user of a Mac is in these without being listed.
    private static readonly (uint Gid, string Name)[] Implicit = [(12, "everyone"), (61, "localaccounts")];

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync("id", context.Arguments);
        var exitCode = Run(context);
        context.End(effects);
        return exitCode;
    }

    private static int Run(ToolContext context)
    {
        var options = string.Concat(context.Arguments.TakeWhile(argument => argument.StartsWith('-')).Select(argument => argument[1..]));
        var operands = context.Arguments.SkipWhile(argument => argument.StartsWith('-')).ToList();
        if (operands.Count > 1 || options is not ("" or "u" or "un" or "nu" or "g" or "gn" or "ng" or "G" or "Gn" or "nG"))
        {
            context.Error.WriteLine("usage: id [user]");
            context.Error.WriteLine("       id -u [-n] [user]");
            context.Error.WriteLine("       id -g [-n] [user]");
            context.Error.WriteLine("       id -G [-n] [user]");
            return 1;
        }

        var user = operands is [var operand] ? Find(operand) : HostUser.ByUid(Libc.EffectiveUid());
        if (user is null)
        {
            context.Error.WriteLine($"id: {(operands is [var missing] ? missing : Libc.EffectiveUid().ToString(CultureInfo.InvariantCulture))}: no such user");
            return 1;
        }

        var named = options.Contains('n', StringComparison.Ordinal);
        context.Output.WriteLine(options.Replace("n", "", StringComparison.Ordinal) switch
        {
            "u" => named ? user.Name : $"{user.Uid}",
            "g" => named ? Name(user.Gid) : $"{user.Gid}",
            "G" => string.Join(' ', Groups(user).Select(group => named ? group.Name : $"{group.Gid}")),
            _ => $"uid={user.Uid}({user.Name}) gid={user.Gid}({Name(user.Gid)}) groups={string.Join(',', Groups(user).Select(group => $"{group.Gid}({group.Name})"))}",
        });
        return 0;
    }

    private static HostUser? Find(string operand) =>
        HostUser.ByName(operand) ?? (uint.TryParse(operand, NumberStyles.None, CultureInfo.InvariantCulture, out var uid) ? HostUser.ByUid(uid) : null);

    private static IEnumerable<(uint Gid, string Name)> Groups(HostUser user) =>
        user.Groups().Select(gid => (gid, Name(gid))).Concat(Implicit).DistinctBy(group => group.Item1);

    private static string Name(uint gid) => HostUser.GroupName(gid) ?? $"{gid}";
}
