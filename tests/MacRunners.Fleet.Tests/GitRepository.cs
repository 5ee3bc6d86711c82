using System.Diagnostics;

namespace MacRunners.Fleet.Tests;

/// <summary>A git repository of the test's own.</summary>
internal sealed class GitRepository : IDisposable
{
    private int _revision;

    public GitRepository() => Git("init", "-q");

    public string Folder { get; } = Directory.CreateTempSubdirectory("fleet-git-").FullName;

#pragma warning disable RS0030 // Nothing but this test writes here.
    public void Dispose() => Directory.Delete(Folder, recursive: true);
#pragma warning restore RS0030

    /// <summary>Changes a file and commits; the commit.</summary>
    public string Commit(string file)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"{++_revision}\n");
        Git("add", "-A");
        Git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "change");
        return Git("rev-parse", "HEAD").Trim();
    }

    private string Git(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", Folder, .. arguments]) { RedirectStandardOutput = true })!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return output;
    }
}
