using MacRunners.Simulator.Trial;

namespace MacRunners.EndToEnd;

/// <summary>
/// An executable that claims to be an agent of some version and then misbehaves. Its script finds the stub agent in
/// <c>$STUB</c>, and in <c>$GATE</c> the path of a file that it may wait for.
/// </summary>
internal sealed class ScriptedAgent : IDisposable
{
    private readonly string _folder = System.IO.Path.Combine(TrialMachine.Parent, $"agent-{Guid.NewGuid():N}");

    public ScriptedAgent(string version, string script)
    {
        const UnixFileMode Everybody = (UnixFileMode)0b111_101_101;
        _ = Directory.CreateDirectory(_folder, Everybody);
        File.WriteAllText(
            Path,
            $"""
            #!/bin/sh
            if [ "$1" = --version ]; then echo 'buildkite-agent version {version}, build 1'; exit 0; fi
            STUB={Stub} GATE={Gate}
            {script}

            """);
        File.SetUnixFileMode(Path, Everybody);
        if (script.Contains("$STUB", StringComparison.Ordinal))
        {
            _ = Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Stub)!, Everybody);
            File.Copy(System.IO.Path.Combine(Published.Programs, "macrunners-sim"), Stub);
            File.SetUnixFileMode(Stub, Everybody);
        }
    }

    public string Path => System.IO.Path.Combine(_folder, "buildkite-agent");

    private string Stub => System.IO.Path.Combine(_folder, "stub", "buildkite-agent");

    private string Gate => System.IO.Path.Combine(_folder, "gate");

    /// <summary>Lets go on what waits for <c>$GATE</c>.</summary>
    public void OpenGate() => File.Create(Gate).Dispose();

    public void Dispose()
    {
        if (File.Exists(Stub))
        {
            File.Delete(Stub);
            Directory.Delete(System.IO.Path.GetDirectoryName(Stub)!);
        }

        File.Delete(Gate);
        File.Delete(Path);
        Directory.Delete(_folder);
    }
}
