using MacRunners.Diagnosis;
using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Tests.Teardown;

namespace MacRunners.Tests.Diagnosis;

public sealed class LeftoversExaminationTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly TestMachine _machine = new();
    private readonly Guid _job = Guid.NewGuid();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task A_clean_machine_is_fine()
    {
        Assert.Equal(["nothing of earlier jobs is here", "accounts of the running daemon's jobs: 0"], (await ExamineAsync()).Select(finding => finding.What));
        _machine.Journal.Dispose();
        Assert.Equal(DoctorStatus.Ok, Assert.Single(await ExamineAsync()).Status);
    }

    [Fact]
    public async Task Of_a_user_whose_teardown_failed_it_names_surviving_processes_and_paths_that_could_not_be_removed()
    {
        _machine.JournalAccount(_job, _machine.MakeAccount());
        using var survivor = JobProcess.Sleeping(_machine.Id);
        var file = TestMachine.Plant($"{_machine.Shared}/stuck", _machine.Id);
        try
        {
            _machine.Journal.Append(at => new StepDone(at, _job, JobStage.Dirty));
            _machine.Dirty.Enter(_job, "it could not be proven gone");

            // Whether or not the daemon that made it dirty still runs.
            foreach (var runs in new[] { true, false })
            {
                if (!runs)
                {
                    _machine.Journal.Dispose();
                }

                var findings = (await ExamineAsync()).Where(finding => finding.Status == DoctorStatus.Failed).ToList();
                Assert.Contains(findings, finding => finding.What.Contains("dirty since", StringComparison.Ordinal));
                var wedged = Assert.Single(findings, finding => finding.What.StartsWith($"{_machine.Name} ({_machine.Id}, job {_job}", StringComparison.Ordinal));
                Assert.Contains($"Process: pid {survivor.Id} (", wedged.What);
                Assert.Contains($"File: {file}", wedged.What);
                Assert.Contains($"Home: {_machine.Homes}/{_machine.Name}", wedged.What);
                Assert.Contains("its account", wedged.What);
                Assert.Contains("macrunners sweep", wedged.Remedy);
            }
        }
        finally
        {
            survivor.Kill();
            await survivor.WaitForExitAsync(Cancel);
        }
    }

    [Fact]
    public async Task Jobs_of_a_running_daemon_are_no_leftovers_and_those_of_a_dead_one_are()
    {
        _machine.JournalAccount(_job, _machine.MakeAccount());
        Assert.Equal(["nothing of earlier jobs is here", "accounts of the running daemon's jobs: 1"], (await ExamineAsync()).Select(finding => finding.What));

        _machine.Journal.Dispose();
        var finding = Assert.Single(await ExamineAsync());
        Assert.Equal(DoctorStatus.Warning, finding.Status);
        Assert.Contains($"macrunners account remove {_machine.Name}", finding.Remedy);
    }

    [Fact]
    public async Task What_the_journal_does_not_know_is_found_in_the_directory_and_in_the_folders()
    {
        _machine.Journal.Dispose();
        _machine.Platform.Accounts.Entries.Add(new AccountEntry("bk-stranger", 12, null, null));
        _machine.Platform.Accounts.Entries.Add(new AccountEntry("bk-half", null, null, null));
        var stray = TestMachine.Plant($"{_machine.Shared}/stray", _machine.Id);
        var home = TestMachine.PlantFolder($"{_machine.Homes}/bk-old", _machine.Id);
        File.WriteAllText($"{_machine.TrashFolder}/1-2", "");
        var findings = await ExamineAsync();

        Assert.All(findings, finding => Assert.Equal(DoctorStatus.Warning, finding.Status));
        Assert.Contains(findings, finding => finding.What.Contains("bk-stranger", StringComparison.Ordinal) && finding.What.Contains("outside", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.What.Contains("bk-half", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.What.Contains(stray, StringComparison.Ordinal) && finding.What.Contains(home, StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.What.Contains("trash is not empty", StringComparison.Ordinal));
        Assert.True(File.Exists(stray) && Directory.Exists(home), "doctor removes nothing");
    }

    [Fact]
    public async Task A_damaged_journal_is_told()
    {
        _machine.Journal.Dispose();
        await File.AppendAllTextAsync(_machine.JournalPath, "{\"sum\":\"torn", Cancel);

        Assert.Contains("1 lines of the journal are damaged", Assert.Single(await ExamineAsync()).What);
    }

    private Task<IReadOnlyList<DoctorFinding>> ExamineAsync() => new LeftoversExamination(
        _machine.Platform,
        _machine.Platform.Accounts,
        _machine.Range,
        _machine.Proof,
        _machine.Places,
        new PathsOptions { State = _machine["state"], Homes = _machine.Homes }).ExamineAsync(Cancel);
}
