using System.Text;

namespace MacRunners.Simulator.Agent.Processes;

/// <summary>Decides how a script is run: by its own first line, or by bash when it has none.</summary>
internal static class HookScript
{
    private const int LongestShebang = 256;
    private static readonly string[] Shells = ["sh", "bash", "dash", "ksh", "zsh"];

    /// <summary>Program and arguments for a script; throws <see cref="SpawnException"/> if there is no shell for it.</summary>
    public static (string Program, IReadOnlyList<string> Arguments) Command(string path, string? searchPath)
    {
        if (Shebang(path).Length > 0)
        {
            return (path, []);
        }

        var shell = ProgramSearch.Find("bash", searchPath) ?? ProgramSearch.Find("sh", searchPath)
            ?? throw new SpawnException("error finding a shell, needed to run scripts: exec: \"sh\": executable file not found in $PATH");
        return (shell, [path]);
    }

    /// <summary>Whether a hook is a shell script, whose changes to the environment can be caught.</summary>
    public static bool IsShellScript(string path)
    {
        var start = new byte[4];
        using (var file = File.OpenRead(path))
        {
            var count = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            if (count == start.Length && (start.AsSpan().SequenceEqual("\x7fELF"u8) || start[0] is 0xcf or 0xca or 0xfe))
            {
                return false;
            }
        }

        var shebang = Shebang(path);
        return shebang.Length == 0 || shebang[2..].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => Path.GetFileName(word))
            .FirstOrDefault(word => word is not "env" && !word.StartsWith('-')) is { } interpreter && Shells.Contains(interpreter);
    }

    /// <summary>The first line if it names an interpreter, else nothing.</summary>
    public static string Shebang(string path)
    {
        using var file = File.OpenRead(path);
        var start = new byte[LongestShebang];
        var text = Encoding.UTF8.GetString(start, 0, file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false));
        return text.StartsWith("#!", StringComparison.Ordinal) ? text.Split('\n')[0].TrimEnd('\r') : "";
    }
}
