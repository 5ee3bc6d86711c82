using System.Diagnostics;

namespace MacRunners.Tests.Platform;

/// <summary>A folder of root's for one test, removed afterwards whatever is in it.</summary>
internal sealed class Scratch : IDisposable
{
    internal Scratch(string? below = null)
    {
        // Short: paths of sockets and homes have limits.
        Folder = Path.Combine(below ?? "/var/tmp", $"{Guid.NewGuid():n}"[..8]);
        Directory.CreateDirectory(Folder);
    }

    internal string Folder { get; }

    internal string this[string name] => Path.Combine(Folder, name);

    public void Dispose()
    {
        Shell("chattr -R -f -i -a \"$1\"; rm -rf \"$1\"", Folder);
    }

    /// <summary>Runs a script of the test's own; returns its output.</summary>
    internal static string Shell(string script, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script, "test", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        _ = error.Result;
        return output;
    }
}
