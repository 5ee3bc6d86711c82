namespace MacRunners.MacEmulator.Tools.Dscl;

/// <summary>The help text.</summary>
internal static class DsclUsage
{
    private static readonly string[] Lines =
    [
        "dscl (emulated)",
        "usage: dscl [options] [<datasource> [<command>]]",
        "datasource:",
        "    <nodename>",
        "    localhost",
        "    (\".\" is the local node)",
        "options:",
        "    -raw       don't strip off prefix from DS constants",
        "    -plist     print out record(s) or attribute(s) in XML plist format",
        "    -q         quiet - no interactive prompt",
        "commands:",
        "    -read      <path> [<key>...]",
        "    -readall   <path> [<key>...]",
        "    -list      <path> [<key>]",
        "    -search    <path> <key> <val>",
        "    -create    <record path> [<key> [<val>...]]",
        "    -append    <record path> <key> <val>...",
        "    -merge     <record path> <key> <val>...",
        "    -change    <record path> <key> <old val> <new val>",
        "    -delete    <path> [<key> [<val>...]]",
    ];

    internal static void Print(TextWriter writer)
    {
        foreach (var line in Lines)
        {
            writer.WriteLine(line);
        }
    }
}
