using System.Runtime.InteropServices;

namespace MacRunners.Simulator.Agent.Processes;

/// <summary>
/// The hidden verb <c>on-terminal PROGRAM ARGUMENT0 [ARGUMENT…]</c>: makes the terminal on descriptor 0 the controlling terminal of a
/// new session, then becomes the program. Needed where opening a terminal does not do that by itself (Darwin), because .NET cannot run
/// code between fork and exec.
/// </summary>
internal static unsafe class TerminalTaker
{
    public const string Verb = "on-terminal";
    private const int CannotExecute = 126;

    /// <summary>The plan that starts this executable first, which then becomes what was planned.</summary>
    public static ChildPlan Wrap(ChildPlan plan) => plan with
    {
        Path = AgentSelf.Command[0],
        Argument0 = null,
        Arguments = [.. AgentSelf.Command.Skip(1), Verb, plan.Path, plan.Argument0 ?? plan.Path, .. plan.Arguments],
    };

    public static int Run(string[] arguments)
    {
        if (arguments.Length < 2)
        {
            StandardStreams.WriteLine(StandardStreams.Error, $"{Verb} needs a program and its name");
            return CannotExecute;
        }

        if (NativeCalls.TakeTerminal(0) != 0)
        {
            StandardStreams.WriteLine(StandardStreams.Error, $"login_tty: {ErrorText.Of(Marshal.GetLastPInvokeError())}");
            return CannotExecute;
        }

        ResetSignals();
        using var path = new NativeStrings([arguments[0]]);
        using var argv = new NativeStrings(arguments[1..]);
        using var envp = new NativeStrings(Variables());
        NativeCalls.Execve(path.Pointer[0], argv.Pointer, envp.Pointer);
        StandardStreams.WriteLine(StandardStreams.Error, $"fork/exec {arguments[0]}: {ErrorText.Of(Marshal.GetLastPInvokeError())}");
        return CannotExecute;
    }

    /// <summary>The runtime ignores SIGPIPE and handles others; ignored signals would stay ignored over exec.</summary>
    private static void ResetSignals()
    {
        for (var signal = 1; signal < 32; signal++)
        {
            NativeCalls.SetSignalAction(signal, 0);
        }
    }

    private static List<string> Variables()
    {
        var entries = new List<string>();
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            entries.Add($"{entry.Key}={entry.Value}");
        }

        return entries;
    }
}
