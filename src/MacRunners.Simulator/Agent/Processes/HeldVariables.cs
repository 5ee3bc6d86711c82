namespace MacRunners.Simulator.Agent.Processes;

/// <summary>
/// The real bootstrap is a static program that a job's loader or runtime settings cannot touch. The stub's is not, so such variables
/// travel to it under another name, and it gives them back to the job.
/// </summary>
internal static class HeldVariables
{
    private const string Prefix = "MACRUNNERS_STUB_AGENT_HELD_";

    private static readonly string[] Touching = ["LD_", "DYLD_", "DOTNET_", "COMPlus_", "CORECLR_", "GLIBC_", "MALLOC_"];

    /// <summary>Entries for the bootstrap.</summary>
    public static IEnumerable<string> Hold(IReadOnlyDictionary<string, string> variables) => variables.Select(variable =>
        Array.Exists(Touching, start => variable.Key.StartsWith(start, StringComparison.Ordinal))
            ? $"{Prefix}{variable.Key}={variable.Value}"
            : $"{variable.Key}={variable.Value}");

    /// <summary>The job's variables again, from those of the bootstrap.</summary>
    public static Dictionary<string, string> Release(IReadOnlyDictionary<string, string> own)
    {
        var variables = own.Where(v => !v.Key.StartsWith(Prefix, StringComparison.Ordinal)).ToDictionary(v => v.Key, v => v.Value);
        foreach (var (name, value) in own.Where(v => v.Key.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            variables[name[Prefix.Length..]] = value;
        }

        return variables;
    }
}
