using MacRunners.MacEmulator.Root;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>tmutil</c>: local snapshots and exclusions.</summary>
internal static class TmutilTool
{
    private const int Usage = 64;
    private const int NeedsRoot = 80;
    private const int StatusWidth = 14;

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync(context.Arguments is [var verb, ..] ? verb : "help", context.Arguments);
        var exitCode = Run(context);
        context.End(effects);
        return exitCode;
    }

    private static int Run(ToolContext context)
    {
        switch (context.Arguments)
        {
            case ["listlocalsnapshots", "/"]:
                context.Output.WriteLine("Snapshots for disk /:");
                foreach (var date in Machine.Read(context.Root).Snapshots)
                {
                    context.Output.WriteLine($"com.apple.TimeMachine.{date}.local");
                }

                return 0;
            case ["deletelocalsnapshots", var date] when Machine.Read(context.Root).Snapshots.Contains(date):
                Machine.Change(context.Root, machine => machine with { Snapshots = [.. machine.Snapshots.Where(each => each != date)] });
                context.Output.WriteLine($"Deleted local snapshot '{date}'");
                return 0;
            case ["addexclusion", "-p", _] when !context.IsRoot:
                context.Error.WriteLine("tmutil: addexclusion with -p requires root privileges.");
                return NeedsRoot;
            case ["addexclusion", "-p", var path]:
                Machine.Change(context.Root, machine => machine with { Excluded = [.. machine.Excluded, path] });
                return 0;
            case ["isexcluded", var path]:
                var status = Machine.Read(context.Root).Excluded.Any(each => path == each || path.StartsWith(each + "/", StringComparison.Ordinal)) ? "[Excluded]" : "[Included]";
                context.Output.WriteLine(status.PadRight(StatusWidth) + path);
                return 0;
            default:
                context.Error.WriteLine("Usage: tmutil help <verb>");
                return Usage;
        }
    }
}
