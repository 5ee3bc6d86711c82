using MacRunners.Diagnosis;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Tests.Hosting;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace MacRunners.Tests.Diagnosis;

public sealed class ServiceExaminationTests : IDisposable
{
    private readonly Scratch _scratch = RootFolder.Create();
    private readonly IServiceManager _service = Substitute.For<IServiceManager>();

    public ServiceExaminationTests()
    {
        _service.Name.Returns("servicectl");
        _service.Definitions.Returns([_scratch["daemon.service"]]);
        _service.StartCommand.Returns("servicectl load daemon");
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(nameof(ServiceState.NoManager), false, "Warning", "macrunners run")]
    [InlineData(nameof(ServiceState.NotLoaded), false, "Warning", "Install the package")]
    [InlineData(nameof(ServiceState.NotLoaded), true, "Warning", "servicectl load daemon")]
    [InlineData(nameof(ServiceState.Loaded), true, "Warning", "servicectl load daemon")]
    [InlineData(nameof(ServiceState.Running), true, "Ok", null)]
    public async Task Every_state_of_the_service_is_told_with_what_to_do(string state, bool isInstalled, string status, string? remedy)
    {
        if (isInstalled)
        {
            await File.WriteAllTextAsync(_scratch["daemon.service"], "it", TestContext.Current.CancellationToken);
        }

        var finding = Assert.Single(await ExamineAsync(Enum.Parse<ServiceState>(state)));

        Assert.Equal(status, finding.Status.ToString());
        Assert.Equal(remedy is null, finding.Remedy is null);
        Assert.Contains(remedy ?? "", finding.Remedy ?? "");
    }

    [Theory]
    [InlineData(nameof(ServiceState.NoManager), "Ok", "a daemon runs all the same", null)]
    [InlineData(nameof(ServiceState.Loaded), "Warning", "but a daemon runs", "nobody starts it again after its end")]
    public async Task One_that_was_started_by_other_means_is_told(string state, string status, string detail, string? remedy)
    {
        await File.WriteAllTextAsync(_scratch["daemon.service"], "it", TestContext.Current.CancellationToken);
        _ = Directory.CreateDirectory(_scratch["state"]);
        using var daemon = JournalFile.Open(_scratch["state"], "boot", "host", 799999, new LinuxFileCalls(), TimeProvider.System, NullLogger<JournalFile>.Instance);

        var finding = Assert.Single(await ExamineAsync(Enum.Parse<ServiceState>(state)));

        Assert.Equal(status, finding.Status.ToString());
        Assert.Contains(detail, finding.What);
        Assert.Equal(remedy is null, finding.Remedy is null);
        Assert.Contains(remedy ?? "", finding.Remedy ?? "");
    }

    [Fact]
    public async Task A_definition_that_others_can_change_is_a_failure()
    {
        await File.WriteAllTextAsync(_scratch["daemon.service"], "it", TestContext.Current.CancellationToken);
        Scratch.Shell("chmod 0666 \"$1\"", _scratch["daemon.service"]);
        var findings = await ExamineAsync(ServiceState.Running);

        Assert.Equal([DoctorStatus.Failed, DoctorStatus.Ok], findings.Select(finding => finding.Status));
        Assert.Contains("chmod go-w", findings[0].Remedy);
    }

    private Task<IReadOnlyList<DoctorFinding>> ExamineAsync(ServiceState state)
    {
        _service.LookAsync(Arg.Any<CancellationToken>()).Returns(new ServiceLook(state, HoldsPort: false, "so it is"));
        return new ServiceExamination(_service, new LinuxFileCalls(), _scratch["state"]).ExamineAsync(TestContext.Current.CancellationToken);
    }
}
