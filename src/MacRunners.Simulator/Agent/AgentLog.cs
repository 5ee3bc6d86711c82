using System.Globalization;
using System.Text;
using System.Text.Json;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent;

/// <summary>
/// The agent's own log in the agent's own two shapes, because daemons read it: text on standard error, JSON on standard output. Not
/// Microsoft.Extensions.Logging: both shapes and the stream they go to are part of what the stub imitates.
/// </summary>
internal sealed class AgentLog(bool json, bool colours, AgentLogLevel level, TimeProvider time, string? agent = null)
{
    private static readonly Lock OneLine = new();

    /// <summary>The same log with the agent's name on each line.</summary>
    public AgentLog For(string agentName) => new(json, colours, level, time, agentName);

    public void Debug(string message) => Write(AgentLogLevel.Debug, message);

    public void Notice(string message) => Write(AgentLogLevel.Notice, message);

    public void Info(string message) => Write(AgentLogLevel.Info, message);

    public void Warn(string message) => Write(AgentLogLevel.Warn, message);

    public void Error(string message) => Write(AgentLogLevel.Error, message);

    private void Write(AgentLogLevel severity, string message)
    {
        if (severity < level)
        {
            return;
        }

        lock (OneLine)
        {
            StandardStreams.WriteLine(json ? StandardStreams.Output : StandardStreams.Error, json ? Json(severity, message) : Text(severity, message));
        }
    }

    private string Text(AgentLogLevel severity, string message)
    {
        var prefix = agent is null ? "" : $"{agent} ";
        var now = time.GetLocalNow().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        var head = $"{now} {severity.ToString().ToUpperInvariant(),-6}";
        return colours ? $"\e[{Colour(severity)}m{head}\e[0m \e[97m{prefix}\e[0m{message}" : $"{head} {prefix}{message}";
    }

    private string Json(AgentLogLevel severity, string message)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("ts", time.GetLocalNow().ToString("yyyy-MM-ddTHH:mm:ssK", CultureInfo.InvariantCulture));
            writer.WriteString("level", severity.ToString().ToUpperInvariant());
            writer.WriteString("msg", message);
            if (agent is not null)
            {
                writer.WriteString("agent", agent);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static int Colour(AgentLogLevel severity) => severity switch
    {
        AgentLogLevel.Debug => 90,
        AgentLogLevel.Notice => 36,
        AgentLogLevel.Warn => 33,
        AgentLogLevel.Error => 31,
        _ => 32,
    };
}
