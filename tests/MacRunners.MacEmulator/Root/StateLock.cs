using System.Runtime.InteropServices;
using MacRunners.MacEmulator.Native;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.MacEmulator.Root;

/// <summary>Mutual exclusion of all emulated commands of one root; ends with the process at the latest.</summary>
internal sealed class StateLock : IDisposable
{
    private const uint Mode = 0x180;
    private readonly SafeFileHandle _file;

    private StateLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes another lock of the same kind, unless somebody has it.</summary>
    internal static StateLock? Try(string path)
    {
        var file = Open(path);
        if (Libc.Flock((int)file.DangerousGetHandle(), Libc.LockExclusive | Libc.LockWithoutWaiting) == 0)
        {
            return new StateLock(file);
        }

        file.Dispose();
        return null;
    }

    internal static StateLock Take(EmulatorRoot root)
    {
        var file = Open(root.Lock);
        while (Libc.Flock((int)file.DangerousGetHandle(), Libc.LockExclusive) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Libc.Interrupted)
            {
                file.Dispose();
                throw new IOException($"{root.Lock} cannot be locked (errno {error})");
            }
        }

        return new StateLock(file);
    }

    public void Dispose() => _file.Dispose();

    // Not opened by .NET: that takes a lock of its own, does not wait for it, and fails.
    private static SafeFileHandle Open(string path)
    {
        var file = new SafeFileHandle(Libc.Open(path, Libc.ReadWrite | Libc.Create | Libc.CloseOnExec, Mode), ownsHandle: true);
        return file.IsInvalid ? throw new IOException($"{path} cannot be opened (errno {Marshal.GetLastPInvokeError()})") : file;
    }
}
