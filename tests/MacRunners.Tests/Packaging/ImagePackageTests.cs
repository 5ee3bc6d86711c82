using System.Diagnostics;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Packaging;

/// <summary>What goes into an image: a release, or this tree.</summary>
public sealed class ImagePackageTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public ImagePackageTests()
    {
        foreach (var file in new[] { "packaging/image-package.sh", "packaging/version.sh", "Directory.Build.props" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_scratch[file])!);
            File.Copy(RepositoryRoot.PathOf(file.Split('/')), _scratch[file]);
        }

        Directory.CreateDirectory(_scratch["bin"]);
        Put("gh", "[ \"$1 $2 $3\" = 'release download v1.0' ] && [ \"$4 $5\" = '--pattern macrunners-*-osx-arm64.pkg' ] && echo released >\"$7\"");
        Put("make", $"[ \"$*\" = 'package RID=osx-arm64' ] && echo tree >artifacts/macrunners-$(packaging/version.sh)-osx-arm64.tar.gz");
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("", 0, "tree\n")]
    [InlineData("v1.0", 0, "released\n")]
    [InlineData("v2.0", 1, null)]
    public void The_release_that_is_asked_for_or_else_this_tree(string release, int code, string? content)
    {
        var start = new ProcessStartInfo("/bin/bash", [_scratch["packaging/image-package.sh"]]);
        start.Environment["PATH"] = $"{_scratch["bin"]}:/usr/bin:/bin";
        start.Environment["IMAGE_RELEASE"] = release;
        using var process = Process.Start(start)!;
        process.WaitForExit();

        Assert.Equal(code, process.ExitCode);
        Assert.Equal(content, File.Exists(_scratch["artifacts/image-package"]) ? File.ReadAllText(_scratch["artifacts/image-package"]) : null);
    }

    private void Put(string name, string script)
    {
        File.WriteAllText(_scratch[$"bin/{name}"], $"#!/bin/bash\n{script}\n");
        File.SetUnixFileMode(_scratch[$"bin/{name}"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
