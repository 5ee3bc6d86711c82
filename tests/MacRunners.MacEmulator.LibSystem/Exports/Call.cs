using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Native;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>
/// Ends an exported call: the error is Darwin's, and it is in the thread's errno when the caller looks, so setting it must be
/// the very last thing.
/// </summary>
internal static unsafe class Call
{
    /// <summary>For calls that tell failure by a negative result and leave the reason in errno.</summary>
    internal static int Return(int result)
    {
        if (result < 0)
        {
            SetError(DarwinErrors.From(Marshal.GetLastPInvokeError()));
        }

        return result;
    }

    /// <summary>Fails with a number of Darwin's.</summary>
    internal static int Fail(int error)
    {
        SetError(error);
        return -1;
    }

    internal static void SetError(int error) => *Glibc.ErrnoLocation() = error;
}
