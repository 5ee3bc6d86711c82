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

    internal static StateLock Take(EmulatorRoot root)
    {
        // Not opened by .NET: that takes a lock of its own, does not wait for it, and fails.
        var file = new SafeFileHandle(Libc.Open(root.Lock, Libc.ReadWrite | Libc.Create | Libc.CloseOnExec, Mode), ownsHandle: true);
        if (file.IsInvalid)
        {
            throw new IOException($"{root.Lock} cannot be opened (errno {Marshal.GetLastPInvokeError()})");
        }

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
}
