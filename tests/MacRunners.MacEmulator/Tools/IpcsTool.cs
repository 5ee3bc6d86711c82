using System.Globalization;
using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>ipcs</c>: the host's System V objects in the layout of macOS. Users without a record are shown by number.</summary>
internal static class IpcsTool
{
    private static readonly (char Option, string Title, string File)[] Tables =
    [
        ('q', "Message Queues:", "/proc/sysvipc/msg"),
        ('m', "Shared Memory:", "/proc/sysvipc/shm"),
        ('s', "Semaphores:", "/proc/sysvipc/sem"),
    ];

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync("ipcs", context.Arguments);
        var options = string.Concat(context.Arguments.Select(argument => argument.TrimStart('-')));
        if (options.Any(option => !"cmsq".Contains(option, StringComparison.Ordinal)))
        {
            context.Error.WriteLine("usage: ipcs [-abcmopqstMQST] [-C corefile] [-N namelist]");
            return 1;
        }

        context.Output.WriteLine($"IPC status from <running system> as of {context.Time.GetUtcNow():ddd MMM d HH:mm:ss} UTC {context.Time.GetUtcNow().Year}");
        var makers = options.Contains('c', StringComparison.Ordinal);
        foreach (var (option, title, file) in Tables.Where(table => options.Contains(table.Option, StringComparison.Ordinal)))
        {
            context.Output.WriteLine($"T     ID     KEY        MODE       OWNER    GROUP{(makers ? "  CREATOR   CGROUP" : "")}");
            context.Output.WriteLine(title);
            var lines = File.ReadLines(file).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
            foreach (var row in lines.Skip(1))
            {
                string Cell(string column) => row[Array.IndexOf(lines[0], column)];
                string[] people = [User(Cell("uid")), Group(Cell("gid")), .. makers ? [User(Cell("cuid")), Group(Cell("cgid"))] : Array.Empty<string>()];
                var key = int.Parse(Cell("key"), CultureInfo.InvariantCulture);
                context.Output.WriteLine($"{option} {row[1],6} 0x{key:x8} {Mode(Cell("perms"))} {string.Join(' ', people.Select(name => name.PadLeft(8)))} ");
            }

            context.Output.WriteLine("");
        }

        context.End(effects);
        return 0;
    }

    // The last three octal digits, as ls shows them, behind two columns for states that are never set here.
    private static string Mode(string octal)
    {
        var digits = octal.PadLeft(3, '0')[^3..];
        return "--" + string.Concat(digits.Select(digit => $"{((digit - '0') & 4) switch { 0 => '-', _ => 'r' }}{((digit - '0') & 2) switch { 0 => '-', _ => 'w' }}{((digit - '0') & 1) switch { 0 => '-', _ => 'a' }}"));
    }

    private static string User(string uid) => HostUser.ByUid(uint.Parse(uid, CultureInfo.InvariantCulture))?.Name ?? uid;

    private static string Group(string gid) => HostUser.GroupName(uint.Parse(gid, CultureInfo.InvariantCulture)) ?? gid;
}
