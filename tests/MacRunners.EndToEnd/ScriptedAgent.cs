using MacRunners.Simulator.Trial;

namespace MacRunners.EndToEnd;

/// <summary>An executable that claims to be an agent of some version and then misbehaves.</summary>
internal sealed class ScriptedAgent : IDisposable
{
    private readonly string _folder = System.IO.Path.Combine(TrialMachine.Parent, $"agent-{Guid.NewGuid():N}");

    public ScriptedAgent(string version, string script)
    {
        const UnixFileMode Everybody = (UnixFileMode)0b111_101_101;
        _ = Directory.CreateDirectory(_folder, Everybody);
        File.WriteAllText(Path, $"#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'buildkite-agent version {version}, build 1'; exit 0; fi\n{script}\n");
        File.SetUnixFileMode(Path, Everybody);
    }

    public string Path => System.IO.Path.Combine(_folder, "buildkite-agent");

    public void Dispose()
    {
        File.Delete(Path);
        Directory.Delete(_folder);
    }
}
