using MacRunners.Hosting;
using MacRunners.Platform.Linux;
using MacRunners.Settings;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Hosting;

public sealed class StateFoldersTests : IDisposable
{
    private readonly Scratch _scratch = RootFolder.Create();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Missing_folders_are_made_with_the_modes_their_use_needs()
    {
        Directory.CreateDirectory(_scratch["logs"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        var paths = new PathsOptions { State = _scratch["deep/state"], Logs = _scratch["logs"], Homes = _scratch["deep/state/homes"], Run = _scratch["run"] };
        new StateFolders(paths, new LinuxFileCalls()).Ensure();
        var modes = Scratch.Shell("cd $1 && stat -c '%n %a %u:%g' deep deep/state deep/state/homes logs logs/jobs run", _scratch.Folder);
        Assert.Equal("deep 755 0:0\ndeep/state 755 0:0\ndeep/state/homes 755 0:0\nlogs 750 0:0\nlogs/jobs 750 0:0\nrun 755 0:0\n", modes);
    }
}
