using System.Text;

namespace MacRunners.MacEmulator.Root;

/// <summary>How this process was called.</summary>
/// <param name="Path">The zeroth argument as the caller gave it: symbolic links not resolved, since the link's place says which tool and which root is meant.</param>
/// <param name="Arguments">The rest.</param>
internal sealed record Invocation(string Path, IReadOnlyList<string> Arguments)
{
    /// <summary>Reads <c>/proc/self/cmdline</c>: the runtime's own idea of the zeroth argument is resolved under Native AOT.</summary>
    internal static Invocation Current()
    {
        var all = Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).Split('\0');

        // Every argument, also the last, is closed by a NUL.
        return new Invocation(all[0], all[1..^1]);
    }
}
