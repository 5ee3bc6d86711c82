using MacRunners.Images;
using MacRunners.Platform;
using MacRunners.Tests.Hosting;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Images;

/// <summary>A folder of root's with small programs, which is the first in the <c>PATH</c> of jobs.</summary>
internal sealed class JobFolder : IDisposable
{
    private readonly Scratch _scratch = RootFolder.Create();

    internal JobFolder()
    {
        Directory.CreateDirectory(_scratch["bin"]);
        Directory.CreateDirectory(_scratch["probes"]);
        Programs = new JobPrograms($"{_scratch["bin"]}:/usr/bin:/bin", new Tool(TimeProvider.System));
    }

    internal JobPrograms Programs { get; }

    internal string this[string path] => _scratch[path];

    /// <summary>Writes a program: a script of <c>sh</c>.</summary>
    internal string Put(string path, string script, UnixFileMode mode = (UnixFileMode)0b111_101_101)
    {
        var file = _scratch[path];
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(file, mode);
        return file;
    }

    public void Dispose() => _scratch.Dispose();
}
