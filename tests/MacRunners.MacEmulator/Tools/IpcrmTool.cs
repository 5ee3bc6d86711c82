using System.Globalization;
using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>ipcrm</c>: removes the host's System V objects by number.</summary>
internal static class IpcrmTool
{
    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync("ipcrm", context.Arguments);
        var objects = context.Arguments.Chunk(2).ToList();
        if (objects.Count == 0 || !objects.TrueForAll(pair => pair is ["-m" or "-s" or "-q", var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            context.Error.WriteLine("usage: ipcrm [-q msqid] [-m shmid] [-s semid] [-Q msgkey] [-M shmkey] [-S semkey]");
            return 1;
        }

        // It goes on behind one that fails.
        var areAllGone = true;
        foreach (var pair in objects)
        {
            areAllGone &= Remove(context, pair[0], int.Parse(pair[1], CultureInfo.InvariantCulture));
        }

        context.End(effects);
        return areAllGone ? 0 : 1;
    }

    private static bool Remove(ToolContext context, string kind, int id)
    {
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

        return result >= 0;
    }
}
