using System.Runtime.InteropServices;
using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Tools;

/// <summary>Executes another program in place: same pid, same streams, environment untouched.</summary>
internal static class ProgramReplacement
{
    private const int CannotExecute = 126;
    private const int NotFound = 127;
    private const int HighestSignal = 31;
    private const int SetMask = 2;
    private const int SignalSetSize = 128;

    internal static unsafe int Execute(IReadOnlyList<string> command, TextWriter error)
    {
        // A real launchctl has no runtime that ignores SIGPIPE; whoever comes next must not inherit that.
        for (var signal = 1; signal <= HighestSignal; signal++)
        {
            _ = Libc.SetSignalHandler(signal, 0);
        }

        var mask = stackalloc byte[SignalSetSize];
        _ = Libc.EmptySignalSet(mask);
        _ = Libc.SetSignalMask(SetMask, mask, null);

        var vector = (byte**)NativeMemory.AllocZeroed((nuint)(command.Count + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < command.Count; i++)
        {
            vector[i] = (byte*)Marshal.StringToCoTaskMemUTF8(command[i]);
        }

        _ = Libc.Execute(command[0], vector);
        var number = Marshal.GetLastPInvokeError();
        error.WriteLine($"Could not execute {command[0]}: {number}: {Marshal.GetPInvokeErrorMessage(number)}");
        return number == Libc.NoEntry ? NotFound : CannotExecute;
    }
}
