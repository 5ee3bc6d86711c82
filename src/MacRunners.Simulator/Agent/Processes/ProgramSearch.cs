namespace MacRunners.Simulator.Agent.Processes;

/// <summary>Finds a program the way a shell does.</summary>
internal static class ProgramSearch
{
    private const int Executable = 1;

    /// <summary>Absolute path of a program in a <c>PATH</c>, or null. A name with a slash is taken as it is.</summary>
    public static string? Find(string name, string? searchPath)
    {
        if (name.Contains('/', StringComparison.Ordinal))
        {
            return IsProgram(name) ? Path.GetFullPath(name) : null;
        }

        return (searchPath ?? "").Split(':')
            .Select(folder => Path.GetFullPath(Path.Combine(folder.Length == 0 ? "." : folder, name)))
            .FirstOrDefault(IsProgram);
    }

    private static bool IsProgram(string path) => File.Exists(path) && NativeCalls.Access(path, Executable) == 0;
}
