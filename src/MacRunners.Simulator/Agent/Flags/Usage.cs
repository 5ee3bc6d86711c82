using System.Text;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent.Flags;

/// <summary>Help on standard output.</summary>
internal static class Usage
{
    public static void Show(string command, IEnumerable<FlagDefinition> flags)
    {
        var text = new StringBuilder($"Usage:\n\n    {AgentSelf.Name} {command} [options...]\n\nOptions:\n\n");
        foreach (var flag in flags)
        {
            text.Append($"  --{flag.Name}{(flag.Kind == FlagKind.Switch ? "" : " value")}  [${string.Join(", $", flag.Variables)}]\n");
        }

        StandardStreams.Write(StandardStreams.Output, Encoding.UTF8.GetBytes(text.ToString()));
    }
}
