using System.Text;
using System.Text.Json;
using MacRunners.Simulator.Agent.Api;
using MacRunners.Simulator.Agent.Flags;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent.JobCommands;

/// <summary><c>buildkite-agent env dump</c>: the own environment as a JSON object. The wrapper of a hook asks for it before and after.</summary>
internal static class EnvCommand
{
    public static int Run(string[] arguments)
    {
        if (arguments is not ["dump", ..])
        {
            throw new AgentFailureException("this stub agent only knows `env dump`: its job API takes no changes");
        }

        FlagSet.Parse(JobFlags.Global, arguments[1..], Environment.GetEnvironmentVariable);
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in EnvironmentEntries.Own())
        {
            var end = entry.IndexOf('=', StringComparison.Ordinal);
            if (end > 0)
            {
                variables[entry[..end]] = entry[(end + 1)..];
            }
        }

        var json = JsonSerializer.Serialize(variables, AgentApiJson.Default.SortedDictionaryStringString);
        StandardStreams.Write(StandardStreams.Output, Encoding.UTF8.GetBytes(json + "\n"));
        return 0;
    }
}
