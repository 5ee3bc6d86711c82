using MacRunners.Diagnosis;
using MacRunners.Hosting;
using MacRunners.Hosting.Configuration;
using MacRunners.Platform.Linux;
using MacRunners.Tests.Hosting;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Diagnosis;

public sealed class PathsExaminationTests : IDisposable
{
    private readonly Scratch _scratch = RootFolder.Create();

    public PathsExaminationTests()
    {
        Directory.CreateDirectory(_scratch["bin"]);
        File.WriteAllText(_scratch["bin/macrunners"], "it");
    }

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Paths_of_root_alone_are_one_line() => Assert.Equal(DoctorStatus.Ok, Assert.Single(await ExamineAsync()).Status);

    [Theory]
    [InlineData("chmod 0777 \"$1/bin\"", "bin can be changed by others than root")]
    [InlineData("chown 12345 \"$1/bin\"", "bin belongs to user number 12345")]
    [InlineData("chmod 0666 \"$1/bin/macrunners\"", "bin/macrunners can be changed by others than root")]
    public async Task The_program_itself_and_every_folder_above_it_are_looked_at(string harm, string what)
    {
        Scratch.Shell(harm, _scratch.Folder);
        var finding = Assert.Single(await ExamineAsync());

        Assert.Equal(DoctorStatus.Failed, finding.Status);
        Assert.Contains("this program", finding.What);
        Assert.Contains(what, finding.What);
        Assert.NotNull(finding.Remedy);
    }

    [Fact]
    public async Task A_folder_of_the_configuration_is_named_by_its_setting()
    {
        Directory.CreateDirectory(_scratch["state"]);
        Scratch.Shell("chmod 0777 \"$1/state\"", _scratch.Folder);

        Assert.Contains("Paths:State", Assert.Single(await ExamineAsync(new GuardedPath("Paths:State", _scratch["state"], PathUse.Folder))).What);
    }

    private Task<IReadOnlyList<DoctorFinding>> ExamineAsync(params GuardedPath[] paths) =>
        new PathsExamination(paths, _scratch["bin/macrunners"], new LinuxFileCalls()).ExamineAsync(TestContext.Current.CancellationToken);
}
