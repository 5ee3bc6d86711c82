using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Tests.Platform;
using MacRunners.Tests.Platform.Linux;
using MacRunners.Tests.Teardown;

namespace MacRunners.Tests.Jobs;

public sealed class OrphanRecoveryTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly TestMachine _machine = new();

    public void Dispose()
    {
        JobProcess.KillAll(_machine.Id);
        _machine.Dispose();
    }

    private List<AccountEntry> Accounts => _machine.Platform.Accounts.Entries;

    [Fact]
    public async Task An_open_job_of_the_journal_is_torn_down()
    {
        var account = _machine.MakeAccount();
        _machine.JournalAccount(Guid.NewGuid(), account);
        _machine.ReopenJournal();
        using var process = JobProcess.Sleeping(_machine.Id);

        await _machine.Recovery().RunAsync(Cancel);

        await AssertProvenGoneAsync();
        Assert.Empty(_machine.UncleanJobs);
    }

    [Fact]
    public async Task A_job_whose_agent_lives_is_left_alone_and_handed_on()
    {
        var job = Guid.NewGuid();
        var account = _machine.MakeAccount();
        _machine.JournalAccount(job, account);
        using var process = JobProcess.Sleeping(_machine.Id);
        var identity = _machine.Platform.Processes.Find(process.Id)!.Identity;
        _machine.Journal.Append(at => new AgentStarted(at, job, identity, 1234));
        var file = TestMachine.Plant(Path.Combine(_machine.Shared, "file"), _machine.Id);
        _machine.ReopenJournal();

        var recovered = await _machine.Recovery().RunAsync(Cancel);

        var life = Assert.Single(recovered.Living);
        Assert.Equal((job, identity, 1234L), (life.Job, life.Agent!.Process, life.Agent.StartedAt));
        Assert.Empty(recovered.Interrupted);
        Assert.True(Directory.Exists(account.Home));
        Assert.True(File.Exists(file));
        Assert.Empty(_machine.Platform.Accounts.Deleted);
        Assert.Equal(process.Id, Assert.Single(_machine.Platform.Processes.OwnedBy(_machine.Id)).Identity.Pid);
        Assert.Single(_machine.Journal.OpenJobs());
    }

    [Theory]
    [InlineData("another process with that number")]
    [InlineData("somebody else's process")]
    [InlineData("gone")]
    public async Task A_job_whose_agent_does_not_live_is_torn_down_and_to_be_settled(string what)
    {
        var job = Guid.NewGuid();
        _machine.JournalAccount(job, _machine.MakeAccount());
        using var process = JobProcess.Sleeping(what == "somebody else's process" ? TestNumbers.Next() : _machine.Id);
        var identity = _machine.Platform.Processes.Find(process.Id)!.Identity;
        identity = what switch
        {
            "another process with that number" => identity with { StartTime = identity.StartTime - 1 },
            "gone" => identity with { Pid = int.MaxValue },
            _ => identity,
        };
        _machine.Journal.Append(at => new AgentStarted(at, job, identity, 1234));
        _machine.ReopenJournal();

        var recovered = await _machine.Recovery().RunAsync(Cancel);

        Assert.Empty(recovered.Living);
        var interrupted = Assert.Single(recovered.Interrupted);
        Assert.Equal(job, interrupted.Life.Job);
        Assert.True(interrupted.Teardown.IsClean);
        await AssertProvenGoneAsync();
        process.Kill();
    }

    [Fact]
    public async Task A_canary_that_was_interrupted_is_torn_down_and_nobody_is_asked_about_it()
    {
        var (canary, account) = (Guid.NewGuid(), _machine.MakeAccount());
        _machine.Journal.Append(at => new AccountCreating(at, canary, account.Name, account.Id, account.Id, account.Home));
        _machine.Journal.Append(at => new AccountCreated(at, canary, null, account.HomeIdentity!));
        _machine.ReopenJournal();
        using var process = JobProcess.Sleeping(_machine.Id);

        var recovered = await _machine.Recovery().RunAsync(Cancel);

        Assert.Empty(recovered.Living);
        Assert.Empty(recovered.Interrupted);
        await AssertProvenGoneAsync();
        Assert.Empty(_machine.Journal.OpenJobs());
    }

    [Fact]
    public async Task An_account_that_the_journal_does_not_know_is_torn_down()
    {
        _machine.MakeAccount();
        using var process = JobProcess.Sleeping(_machine.Id);

        await _machine.Recovery().RunAsync(Cancel);

        await AssertProvenGoneAsync();
        Assert.Empty(_machine.UncleanJobs);
    }

    [Fact]
    public async Task A_control_group_of_no_living_job_is_removed_and_others_stay()
    {
        using var group = new TestGroup(_machine.Id);
        using var foreign = new TestGroup(TestNumbers.Next());

        await _machine.Recovery().RunAsync(Cancel);

        Assert.False(group.Exists);
        Assert.True(foreign.Exists);
        Assert.Null(_machine.Dirty.Reason);
    }

    [Fact]
    public async Task Who_is_in_such_a_group_as_somebody_else_is_killed_and_makes_the_machine_dirty_for_good()
    {
        using var group = new TestGroup(_machine.Id);
        using var escaped = PythonProcess.Start(group.EnterInPython);

        await _machine.Recovery().RunAsync(Cancel);

        await escaped.WaitForExitAsync(Cancel);
        Assert.False(group.Exists);
        Assert.Contains($"pid {escaped.Id}", _machine.Dirty.Reason, StringComparison.Ordinal);

        // That he is gone is no proof of what he did.
        await _machine.Recovery().RunAsync(Cancel);
        Assert.Contains("had become uid 0", _machine.Dirty.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_control_group_of_a_living_job_stays()
    {
        using var group = new TestGroup(_machine.Id);
        var job = Guid.NewGuid();
        _machine.JournalAccount(job, _machine.MakeAccount());
        using var process = JobProcess.Sleeping(_machine.Id, group.EnterInPython);
        _machine.Journal.Append(at => new AgentStarted(at, job, _machine.Platform.Processes.Find(process.Id)!.Identity, 1234));
        _machine.ReopenJournal();

        Assert.Single((await _machine.Recovery().RunAsync(Cancel)).Living);

        Assert.Equal([process.Id], group.Groups.ProcessesOf(_machine.Id));
        Assert.False(group.IsFrozen);
    }

    [Fact]
    public async Task An_account_outside_the_range_is_not_touched()
    {
        var id = TestNumbers.Next();
        var home = TestMachine.PlantFolder(Path.Combine(_machine.Homes, "bk-foreign"), id);
        var file = TestMachine.Plant(Path.Combine(_machine.Shared, "file"), id);
        Accounts.Add(new AccountEntry("bk-foreign", id, home, null));
        using var process = JobProcess.Sleeping(id);

        await _machine.Recovery().RunAsync(Cancel);

        Assert.Single(_machine.Platform.Processes.OwnedBy(id));
        Assert.True(Directory.Exists(home));
        Assert.True(File.Exists(file));
        Assert.Empty(_machine.Platform.Accounts.Deleted);
        process.Kill();
    }

    [Fact]
    public async Task A_record_without_number_is_deleted_by_name_and_nothing_is_killed()
    {
        Accounts.Add(new AccountEntry("bk-half", null, null, null));
        var other = TestNumbers.Next();
        using var process = JobProcess.Sleeping(other);

        await _machine.Recovery().RunAsync(Cancel);

        Assert.Equal(["bk-half"], _machine.Platform.Accounts.Deleted);
        Assert.Single(_machine.Platform.Processes.OwnedBy(other));
        Assert.Empty(_machine.UncleanJobs);
        process.Kill();
    }

    [Fact]
    public async Task A_record_without_number_that_cannot_be_deleted_makes_the_machine_dirty()
    {
        Accounts.Add(new AccountEntry("bk-half", null, null, null));
        _machine.Platform.Accounts.Refusal = "refused";

        await _machine.Recovery().RunAsync(Cancel);

        Assert.Equal("refused", _machine.Dirty.Reason);
    }

    [Fact]
    public async Task Homes_without_account_and_stray_files_go_and_those_of_others_stay()
    {
        TestMachine.PlantFolder(_machine.Account.Home, _machine.Id);
        TestMachine.Plant(Path.Combine(_machine.Shared, "stray"), _machine.Id);
        TestMachine.PlantFolder(Path.Combine(_machine.Homes, "bk-foreign"), TestNumbers.Next());
        TestMachine.PlantFolder(Path.Combine(_machine.Homes, "person"), _machine.Id);
        TestMachine.Plant(Path.Combine(_machine.Shared, "foreign"), TestNumbers.Next());

        await _machine.Recovery().RunAsync(Cancel);

        Assert.Equal(["bk-foreign", "person"], Directory.GetFileSystemEntries(_machine.Homes).Select(Path.GetFileName).Order());
        Assert.Equal("foreign", Path.GetFileName(Assert.Single(Directory.GetFileSystemEntries(_machine.Shared))));
        Assert.Equal(2, Directory.GetFileSystemEntries(_machine.TrashFolder).Length);
    }

    [Fact]
    public async Task The_machine_stays_dirty_until_everything_is_proven_gone()
    {
        _machine.JournalAccount(Guid.NewGuid(), _machine.MakeAccount());
        _machine.Dirty.Enter(null, "an earlier run");
        _machine.Platform.Accounts.Refusal = "refused";

        await _machine.Recovery().RunAsync(Cancel);
        Assert.True(_machine.Dirty.IsDirty);

        _machine.ReopenJournal();
        Assert.True(_machine.Dirty.IsDirty);
        _machine.Platform.Accounts.Refusal = null;
        await _machine.Recovery().RunAsync(Cancel);

        Assert.False(_machine.Dirty.IsDirty);
        _machine.ReopenJournal();
        Assert.False(_machine.Dirty.IsDirty);
        await AssertProvenGoneAsync();
    }

    [Fact]
    public async Task An_account_unknown_to_the_journal_that_resisted_once_is_taken_up_again_at_the_next_start()
    {
        _machine.MakeAccount();
        _machine.Platform.Accounts.Refusal = "refused";
        await _machine.Recovery().RunAsync(Cancel);
        _machine.ReopenJournal();
        Assert.Equal(JobStage.Dirty, Assert.Single(_machine.Journal.OpenJobs()).Stage);
        await _machine.Recovery().RunAsync(Cancel);
        _machine.ReopenJournal();
        Assert.Equal(_machine.Account, Assert.Single(_machine.Journal.OpenJobs()).Account);

        _machine.Platform.Accounts.Refusal = null;
        await _machine.Recovery().RunAsync(Cancel);

        Assert.False(_machine.Dirty.IsDirty);
        Assert.Empty(_machine.UncleanJobs);
        await AssertProvenGoneAsync();
    }

    [Fact]
    public async Task The_number_of_an_account_unknown_to_the_journal_is_not_given_out_again()
    {
        _machine.MakeAccount();

        await _machine.Recovery().RunAsync(Cancel);

        Assert.Equal(_machine.Id + 1, _machine.Journal.NextUid);
    }

    [Fact]
    public async Task A_dirty_machine_with_nothing_left_is_clean_again()
    {
        _machine.Dirty.Enter(null, "an earlier run");

        await _machine.Recovery().RunAsync(Cancel);

        Assert.False(_machine.Dirty.IsDirty);
    }

    private async Task AssertProvenGoneAsync() => Assert.Empty(await _machine.Proof.LookAsync(_machine.Account, Cancel));
}
