namespace MacRunners.MacEmulator.Tools;

/// <summary><c>codesign</c>: shows and verifies. Programs of the system are Apple's; a Mach-O of anywhere else has an ad-hoc signature; anything else has none.</summary>
internal static class CodesignTool
{
    private const int Failure = 1;
    private const int Usage = 2;

    private static readonly string[] SystemFolders = ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"];
    private static readonly byte[][] MachO = [[0xCF, 0xFA, 0xED, 0xFE], [0xCA, 0xFE, 0xBA, 0xBE]];

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync(Verifies(context) ? "verify" : "display", context.Arguments);
        var exitCode = Run(context);
        context.End(effects);
        return exitCode;
    }

    private static bool Verifies(ToolContext context) => context.Arguments.Any(argument => argument is "--verify" or "-v");

    private static int Run(ToolContext context)
    {
        if (context.Arguments is not [_, .., var path] || path.StartsWith('-') || !(Verifies(context) || context.Arguments.Any(option => option is "-d" or "-dv" or "--display")))
        {
            context.Error.WriteLine("Usage: codesign -s identity [-fv*] [-o flags] [-r reqs] [-i ident] path ... # sign");
            context.Error.WriteLine("       codesign -v [-v*] [-R=<req string>|-R <req file path>] path|[+]pid ... # verify");
            context.Error.WriteLine("       codesign -d [options] path ... # display contents");
            return Usage;
        }

        if (!File.Exists(path))
        {
            context.Error.WriteLine($"{path}: No such file or directory");
            return Failure;
        }

        var isSystems = SystemFolders.Any(folder => path.StartsWith(folder, StringComparison.Ordinal) || path.StartsWith(context.Root.Path + folder, StringComparison.Ordinal));
        if (!isSystems && !IsMachO(path))
        {
            context.Error.WriteLine($"{path}: code object is not signed at all");
            return Failure;
        }

        if (!Verifies(context))
        {
            var name = Path.GetFileName(path);
            context.Error.WriteLine($"Executable={path}");
            context.Error.WriteLine($"Identifier={(isSystems ? "com.apple." : "")}{name}");
            context.Error.WriteLine("Format=Mach-O thin (arm64)");
            context.Error.WriteLine($"CodeDirectory v=20400 size=512 flags={(isSystems ? "0x0(none)" : "0x2(adhoc)")} hashes=11+2 location=embedded");
            context.Error.WriteLine(isSystems ? "Authority=Software Signing" : "Signature=adhoc");
        }

        return 0;
    }

    private static bool IsMachO(string path)
    {
        using var file = File.OpenRead(path);
        var magic = new byte[4];
        return file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && MachO.Any(each => each.SequenceEqual(magic));
    }
}
