using MacRunners.MacEmulator.Accounts;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>createhomedir -c -u NAME</c>: makes a home where there is none; its exit code says nothing about that.</summary>
internal static class CreatehomedirTool
{
    private const int Usage = 64;
    private const UnixFileMode Home = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    internal static async Task<int> RunAsync(ToolContext context)
    {
        if (context.Arguments is not ["-c", "-u", var name])
        {
            context.Error.WriteLine("usage: createhomedir [[-a|-l|-n domain] [-i] [-b|-c|-s]] [-u username]");
            return Usage;
        }

        var effects = await context.BeginAsync("create", context.Arguments, writes: true);
        var record = context.Directory.Read(context.Policy(effects), directory => directory.Find(RecordType.Users, name));
        if (!effects.CreatehomedirNoop && context.IsRoot && record?.First(AttributeName.Home) is { } home && record.First(AttributeName.UniqueId) is { } uid
            && Directory.Exists(Path.GetDirectoryName(home)) && !Path.Exists(home))
        {
            context.Output.WriteLine($"creating home directories for ({Environment.MachineName})");
            _ = Directory.CreateDirectory(home, Home);
            using var chown = System.Diagnostics.Process.Start("/bin/chown", ["--", $"{uid}:{record.First(AttributeName.PrimaryGroupId) ?? uid}", home]);
            await chown.WaitForExitAsync();
            context.Output.WriteLine($"created ({home})");
        }

        context.End(effects);
        return 0;
    }
}
