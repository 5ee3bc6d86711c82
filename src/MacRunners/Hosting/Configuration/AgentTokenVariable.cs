using System.Runtime.InteropServices;

namespace MacRunners.Hosting.Configuration;

/// <summary>The cluster token in the daemon's environment: taken out of it at once, so that neither a child nor a look into <c>/proc</c> finds it there.</summary>
internal static partial class AgentTokenVariable
{
    /// <summary>Name of the variable.</summary>
    public const string Name = "BUILDKITE_AGENT_TOKEN";

    /// <summary>Reads the variable and removes it; null when it is not set or empty.</summary>
    public static string? Take()
    {
        var token = System.Environment.GetEnvironmentVariable(Name);
        // .NET works on a copy of its own; the C library's list, and the bytes the kernel shows as the environment, are others.
        System.Environment.SetEnvironmentVariable(Name, null);
        EraseNative();
        return string.IsNullOrWhiteSpace(token) ? null : token.Trim();
    }

    private static unsafe void EraseNative()
    {
        for (var value = GetEnv(Name); value is not null; value = GetEnv(Name))
        {
            for (; *value != 0; value++)
            {
                *value = (byte)'x';
            }

            if (UnsetEnv(Name) != 0)
            {
                throw new InvalidOperationException($"{Name} could not be removed from the environment (errno {Marshal.GetLastPInvokeError()})");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial byte* GetEnv(string name);

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int UnsetEnv(string name);
}
