using System.Text.Json;
using MacRunners.MacEmulator.Native;
using MacRunners.MacEmulator.Tools;

namespace MacRunners.MacEmulator.Launchd;

/// <summary>The process between launchd and a service's program: prepares what the program is to find, and becomes it.</summary>
internal static class XpcProxy
{
    private const int Misconfigured = 78;
    private const int FirstOther = 3;
    private const uint LogMode = 0x1a4;

    /// <summary>Does not return when the program could be executed.</summary>
    internal static int Run(string text)
    {
        var order = JsonSerializer.Deserialize(text, LaunchdJson.Default.SpawnOrder)!;
        _ = Libc.StartSession();
        if (!Redirect(0, "/dev/null", Libc.ReadWrite) || !Redirect(1, order.Output, Libc.AppendTo) || !Redirect(2, order.Error, Libc.AppendTo))
        {
            return Misconfigured;
        }

        if (Libc.ChangeDirectory(order.WorkingDirectory) != 0)
        {
            return Misconfigured;
        }

        if (order.Umask is { } umask)
        {
            _ = Libc.SetFileMask((uint)umask);
        }

        if (order.OpenFiles is { } files)
        {
            LimitFiles((ulong)files);
        }

        KeepOnly(order.Sockets);
        _ = ProgramReplacement.Execute(order.Arguments, Console.Error);
        return Misconfigured;
    }

    // launchd does not start what has nowhere to write to.
    private static bool Redirect(int descriptor, string? path, int flags)
    {
        var file = Libc.Open(path ?? "/dev/null", path is null ? Libc.ReadWrite : flags, LogMode);
        if (file < 0)
        {
            return false;
        }

        var done = file == descriptor || Libc.Duplicate(file, descriptor) >= 0;
        if (file != descriptor)
        {
            _ = Libc.Close(file);
        }

        return done;
    }

    private static unsafe void LimitFiles(ulong wanted)
    {
        // More than the hard limit is not for everybody's root.
        var limits = stackalloc ulong[2];
        if (Libc.GetLimit(Libc.LimitOpenFiles, limits) == 0)
        {
            limits[0] = limits[1] = Math.Min(wanted, limits[1]);
            _ = Libc.SetLimit(Libc.LimitOpenFiles, limits);
        }
    }

    // Sockets of other services are in this process, too.
    private static void KeepOnly(IReadOnlyList<int> sockets)
    {
        foreach (var name in Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(Path.GetFileName).ToList())
        {
            if (int.TryParse(name, out var descriptor) && descriptor >= FirstOther && !sockets.Contains(descriptor))
            {
                _ = Libc.Control(descriptor, Libc.SetDescriptorFlags, Libc.CloseOnExecFlag);
            }
        }
    }
}
