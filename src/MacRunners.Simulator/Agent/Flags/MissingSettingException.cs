namespace MacRunners.Simulator.Agent.Flags;

/// <summary>A required setting that nobody gave. The agent prints it without its usual <c>fatal:</c>.</summary>
internal sealed class MissingSettingException(string setting, string command)
    : Exception($"Missing {setting}. See: `{AgentSelf.Name} {command} --help`");
