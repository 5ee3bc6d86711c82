using System.Runtime.InteropServices;

namespace MacRunners.Simulator.Agent.Processes;

/// <summary>The system's words for an errno, in the agent's lower case.</summary>
internal static class ErrorText
{
    public static string Of(int errno)
    {
        var text = Marshal.GetPInvokeErrorMessage(errno);
        return text.Length == 0 ? $"errno {errno}" : char.ToLowerInvariant(text[0]) + text[1..];
    }
}
