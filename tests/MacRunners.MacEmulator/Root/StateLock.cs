using MacRunners.MacEmulator.Native;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.MacEmulator.Root;

/// <summary>Mutual exclusion of all emulated commands of one root; ends with the process at the latest.</summary>
internal sealed class StateLock : IDisposable
{
    private readonly SafeFileHandle _file;

    private StateLock(SafeFileHandle file) => _file = file;

    internal static StateLock Take(EmulatorRoot root)
    {
        // Share-mode locking of .NET is itself a flock, hence FileShare.ReadWrite.
        var file = File.OpenHandle(root.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        while (Libc.Flock((int)file.DangerousGetHandle(), Libc.LockExclusive) != 0)
        {
            var error = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
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
