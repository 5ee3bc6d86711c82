namespace MacRunners.Simulator.Agent.Flags;

/// <summary>One flag of a command.</summary>
/// <param name="Name">Without dashes; also the key in a configuration file.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="Variables">Environment variables that set it, the first present one wins.</param>
/// <param name="Default">Its value when nobody sets it.</param>
internal sealed record FlagDefinition(string Name, FlagKind Kind, string[] Variables, string Default = "");
