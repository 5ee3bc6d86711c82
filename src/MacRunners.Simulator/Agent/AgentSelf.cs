using System.Runtime.InteropServices;
using System.Text;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent;

/// <summary>
/// How this executable was started and how it starts itself again as the agent. It is the agent when its name is
/// <c>buildkite-agent</c> (a link or a copy), or when told so by the verb <c>agent</c>.
/// </summary>
internal static class AgentSelf
{
    public const string Name = "buildkite-agent";

    /// <summary>Program and leading arguments that run the stub agent.</summary>
    public static IReadOnlyList<string> Command { get; } = FindCommand();

    /// <summary>The folder that holds a <c>buildkite-agent</c>: <c>BUILDKITE_BIN_PATH</c> of a job.</summary>
    public static string Folder { get; } = Command.Count == 1 ? Path.GetDirectoryName(Command[0])! : AppContext.BaseDirectory.TrimEnd('/');

    /// <summary>Whether the name this process was started by makes it the agent, whatever its arguments.</summary>
    public static bool StartedAsAgent => StartedName == Name;

    /// <summary>The name this process was started by: a link's own.</summary>
    public static string StartedName => Path.GetFileName(Argument0());

    private static string[] FindCommand()
    {
        var executable = Environment.ProcessPath ?? throw new InvalidOperationException("The own executable's path is unknown.");
        if (StartedAsAgent)
        {
            return [AbsoluteArgument0() ?? executable];
        }

        return Path.GetFileNameWithoutExtension(executable) == "dotnet"
            ? [executable, Path.Combine(AppContext.BaseDirectory, "macrunners-sim.dll"), "agent"]
            : [executable, "agent"];
    }

    /// <summary>A link keeps its own path: next to it lies what the operator put there, not what it points to.</summary>
    private static string? AbsoluteArgument0()
    {
        var argument0 = Argument0();
        if (argument0.Contains('/', StringComparison.Ordinal))
        {
            return Path.GetFullPath(argument0);
        }

        return ProgramSearch.Find(argument0, Environment.GetEnvironmentVariable("PATH"));
    }

    private static unsafe string Argument0()
    {
        if (OperatingSystem.IsMacOS())
        {
            return Marshal.PtrToStringUTF8((nint)(*NativeCalls.DarwinArguments())[0]) ?? "";
        }

        var line = File.ReadAllBytes("/proc/self/cmdline");
        var end = Array.IndexOf(line, (byte)0);
        return Encoding.UTF8.GetString(line, 0, end < 0 ? line.Length : end);
    }
}
