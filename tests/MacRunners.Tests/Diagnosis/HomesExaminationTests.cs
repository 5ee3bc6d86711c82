using MacRunners.Diagnosis;
using MacRunners.Platform;
using MacRunners.Settings;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace MacRunners.Tests.Diagnosis;

public class HomesExaminationTests
{
    private readonly IHomeVolumes _volumes = Substitute.For<IHomeVolumes>();

    [Fact]
    public async Task Homes_that_are_folders_need_no_disk_of_a_kind()
    {
        var finding = await ExamineAsync(HomeKind.Folder);

        Assert.Equal((DoctorStatus.Ok, "homes are folders in /Users"), (finding.Status, finding.What));
        Assert.Empty(_volumes.ReceivedCalls());
    }

    [Fact]
    public async Task A_disk_that_takes_volumes_is_well()
    {
        Look().Returns(new SystemCondition("container disk3 has room"));

        Assert.Equal(new DoctorFinding("homes", DoctorStatus.Ok, "container disk3 has room", null), await ExamineAsync(HomeKind.Volume));
    }

    [Fact]
    public async Task One_that_takes_no_more_is_a_failure_with_its_remedy()
    {
        Look().Returns(new SystemCondition("container disk3 is full", "Delete some.", IsFatal: true));

        Assert.Equal(new DoctorFinding("homes", DoctorStatus.Failed, "container disk3 is full", "Delete some."), await ExamineAsync(HomeKind.Volume));
    }

    [Fact]
    public async Task One_of_which_nothing_is_known_is_a_failure_with_a_remedy()
    {
        Look().ThrowsAsync(new ToolException("diskutil does not answer"));

        var finding = await ExamineAsync(HomeKind.Volume);

        Assert.Equal((DoctorStatus.Failed, "diskutil does not answer"), (finding.Status, finding.What));
        Assert.Contains("leave Accounts:Home out", finding.Remedy);
    }

    private Task<SystemCondition> Look() => _volumes.LookAsync("/Users", TestContext.Current.CancellationToken);

    private async Task<DoctorFinding> ExamineAsync(HomeKind home) => Assert.Single(
        await new HomesExamination(_volumes, new AccountsOptions { Home = home }, new PathsOptions { Homes = "/Users" }).ExamineAsync(TestContext.Current.CancellationToken));
}
