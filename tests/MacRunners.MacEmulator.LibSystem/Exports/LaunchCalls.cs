using System.Globalization;
using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Native;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>
/// launchd's calls for the programs it starts; the error is the result, not in errno. The emulated launchd hands the sockets it holds
/// down as open descriptors, and says in a variable which is which.
/// </summary>
internal static unsafe class LaunchCalls
{
    private const string Variable = "MAC_EMULATOR_LAUNCHD_SOCKETS";

    private static readonly Lock Gate = new();
    private static readonly HashSet<string> Taken = new(StringComparer.Ordinal);

    [UnmanagedCallersOnly(EntryPoint = "launch_activate_socket")]
    private static int ActivateSocket(byte* name, int** descriptors, nuint* count)
    {
        *descriptors = null;
        *count = 0;
        if (Environment.GetEnvironmentVariable("XPC_SERVICE_NAME") is null)
        {
            return DarwinErrors.NoProcess;
        }

        var wanted = Marshal.PtrToStringUTF8((nint)name) ?? "";
        if (Find(wanted) is not { } found)
        {
            return DarwinErrors.NoEntry;
        }

        lock (Gate)
        {
            if (!Taken.Add(wanted))
            {
                return DarwinErrors.Already;
            }
        }

        // The caller's to free.
        *descriptors = (int*)Glibc.Allocate((nuint)(found.Length * sizeof(int)));
        *count = (nuint)found.Length;
        found.CopyTo(new Span<int>(*descriptors, found.Length));
        return 0;
    }

    private static int[]? Find(string name) =>
        (Environment.GetEnvironmentVariable(Variable) ?? "")
            .Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(group => group.Split(':'))
            .Where(group => group[0] == name)
            .Select(group => group[1].Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray())
            .FirstOrDefault();
}
