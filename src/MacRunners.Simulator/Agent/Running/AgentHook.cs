using System.Text;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent.Running;

/// <summary>Hooks the agent itself runs, outside any job: <c>agent-startup</c>, <c>agent-shutdown</c>, <c>pre-bootstrap</c>.</summary>
internal static class AgentHook
{
    /// <summary>Path of a hook, or null.</summary>
    public static string? Find(string folder, string name) =>
        folder.Length > 0 && Path.Combine(folder, name) is var path && Path.Exists(path) ? path : null;

    /// <summary>Runs a hook with its output in the agent's log; null if it succeeded, else what went wrong.</summary>
    public static async Task<string?> RunAsync(string path, IReadOnlyList<string> environment, AgentLog log, TimeProvider time)
    {
        var rest = new StringBuilder();
        try
        {
            var (program, arguments) = HookScript.Command(path, Environment.GetEnvironmentVariable("PATH"));
            var child = ChildProcess.Start(new ChildPlan
            {
                Path = program,
                Arguments = arguments,
                Environment = environment,
                Directory = Environment.CurrentDirectory,
                Output = data => LogLines(data, rest, log),
            });
            var state = await child.Done;
            await child.DrainAsync(time);
            return state.Success ? null : state.ToString();
        }
        catch (SpawnException e)
        {
            return e.Message;
        }
        finally
        {
            if (rest.Length > 0)
            {
                log.Info(rest.ToString());
            }
        }
    }

    private static bool LogLines(ReadOnlySpan<byte> data, StringBuilder rest, AgentLog log)
    {
        rest.Append(Encoding.UTF8.GetString(data));
        var lines = rest.ToString().Split('\n');
        rest.Clear().Append(lines[^1]);
        foreach (var line in lines[..^1])
        {
            log.Info(line);
        }

        return true;
    }
}
