using System.Runtime.InteropServices;
using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>chflags</c>: immutable and append-only as the host's file systems have them, where only root may set them. Other flags have nothing to stand for them.</summary>
internal static class ChflagsTool
{
    private const int Usage = 64;
    private const nuint GetFlags = 0x80086601;
    private const nuint SetFlags = 0x40086602;
    private const long Immutable = 0x10;
    private const long AppendOnly = 0x20;
    private const int NonBlocking = 0x800;

    private static readonly string[] WithoutCounterpart = ["dump", "nodump", "hidden", "nohidden", "opaque", "noopaque"];

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync("chflags", context.Arguments);
        var exitCode = Run(context);
        context.End(effects);
        return exitCode;
    }

    private static int Run(ToolContext context)
    {
        var options = context.Arguments.TakeWhile(argument => argument.StartsWith('-')).ToList();
        var operands = context.Arguments.Skip(options.Count).ToList();
        if (operands.Count < 2 || options.Exists(option => option is not ("-R" or "-h" or "-f")))
        {
            context.Error.WriteLine("usage: chflags [-fhvx] [-R [-H | -L | -P]] flags file ...");
            return Usage;
        }

        var (set, cleared) = (0L, 0L);
        foreach (var flag in operands[0].Split(','))
        {
            var isCleared = flag.StartsWith("no", StringComparison.Ordinal) && flag != "nodump";
            var bit = (isCleared ? flag[2..] : flag) switch
            {
                "uchg" or "schg" or "uimmutable" or "simmutable" => Immutable,
                "uappnd" or "sappnd" => AppendOnly,
                _ when WithoutCounterpart.Contains(flag) => 0,
                _ => -1,
            };
            if (bit < 0)
            {
                context.Error.WriteLine($"chflags: invalid flag: {flag}");
                return 1;
            }

            set |= isCleared ? 0 : bit;
            cleared |= isCleared ? bit : 0;
        }

        var exitCode = 0;
        foreach (var path in operands.Skip(1).SelectMany(path => options.Contains("-R") ? Below(path) : [path]))
        {
            if (Change(path, set, cleared) is var error and not 0)
            {
                exitCode = 1;
                context.Error.WriteLine($"chflags: {path}: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }

        return exitCode;
    }

    private static IEnumerable<string> Below(string path) =>
        new DirectoryInfo(path) is { Exists: true, LinkTarget: null }
            ? Directory.EnumerateFileSystemEntries(path).SelectMany(Below).Prepend(path)
            : [path];

    // A link has no flags of its own on Linux, and none are to be removed from it.
    private static unsafe int Change(string path, long set, long cleared)
    {
        if (new FileInfo(path).LinkTarget is not null)
        {
            return 0;
        }

        var descriptor = Libc.Open(path, NonBlocking | Libc.NoFollow | Libc.CloseOnExec, 0);
        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        try
        {
            long present = 0;
            if (Libc.DeviceControl(descriptor, GetFlags, &present) != 0)
            {
                return set == 0 ? 0 : Marshal.GetLastPInvokeError();
            }

            var wanted = (present & ~cleared) | set;
            return wanted == present || Libc.DeviceControl(descriptor, SetFlags, &wanted) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        finally
        {
            _ = Libc.Close(descriptor);
        }
    }
}
