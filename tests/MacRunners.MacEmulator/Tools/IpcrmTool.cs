using System.Globalization;
using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>ipcrm</c>: removes the host's System V objects by number.</summary>
internal static class IpcrmTool
{
    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync("ipcrm", context.Arguments);
        if (context.Arguments is not ["-m" or "-s" or "-q", var number] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            context.Error.WriteLine("usage: ipcrm [-q msqid] [-m shmid] [-s semid]");
            return 1;
        }

        var kind = context.Arguments[0];
        var result = kind switch
        {
            "-m" => Libc.RemoveSharedMemory(id, Libc.RemoveId, 0),
            "-s" => Libc.RemoveSemaphores(id, 0, Libc.RemoveId),
            _ => Libc.RemoveQueue(id, Libc.RemoveId, 0),
        };
        if (result < 0)
        {
            context.Error.WriteLine($"ipcrm: {(kind == "-m" ? "shmid" : kind == "-s" ? "semid" : "msqid")}({id}): Invalid argument");
        }

        context.End(effects);
        return result < 0 ? 1 : 0;
    }
}
