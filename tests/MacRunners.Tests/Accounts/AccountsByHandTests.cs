using MacRunners.Accounts;
using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using MacRunners.Tests.Jobs;
using MacRunners.Tests.Teardown;
using Microsoft.Extensions.Options;

namespace MacRunners.Tests.Accounts;

public sealed class AccountsByHandTests : IAsyncDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly JobMachine _machine = new();
    private readonly Guid _id = Guid.NewGuid();

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    [Fact]
    public async Task An_account_is_journaled_as_a_job_that_nobody_reserved()
    {
        var account = await ByHand().CreateAsync(_id, Cancel);

        Assert.Equal(_machine.Accounts.NameFor(_id), account.Name);
        Assert.True(Directory.Exists(account.Home));
        var life = Assert.Single(_machine.Journal.OpenJobs());
        Assert.Equal((_id, account.Id, null), (life.Job, life.Account!.Id, life.ReservedAt));

        // The number is out of use for the daemon too.
        Assert.Equal(account.Id + 1, _machine.Journal.NextUid);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Removal_takes_everything_by_name_or_id_and_says_what_it_was(bool byName)
    {
        var account = await ByHand().CreateAsync(_id, Cancel);
        using var process = JobProcess.Sleeping(account.Id);
        TestMachine.Plant(_machine["shared/left"], account.Id);

        var removal = await ByHand().RemoveAsync(byName ? account.Name : _id.ToString("D"), Cancel);

        Assert.True(removal.Report!.IsClean);
        Assert.Equal([ResidueKind.Process, ResidueKind.File], removal.Report.Counts.Keys.Order());
        await process.WaitForExitAsync(Cancel);
        Assert.Empty(_machine.Leftovers());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_machine["state/trash"]));
        Assert.Empty(_machine.Journal.OpenJobs());
    }

    [Fact]
    public async Task An_account_that_the_journal_does_not_know_is_removed_and_journaled_first()
    {
        var account = await ByHand().CreateAsync(_id, Cancel);
        _machine.Journal.Append(at => new StepDone(at, _id, JobStage.Clean));
        Assert.Empty(_machine.Journal.OpenJobs());
        _machine.Accounts.Refusal = "not today";

        var removal = await ByHand().RemoveAsync(account.Name, Cancel);

        Assert.False(removal.Report!.IsClean);
        Assert.Equal(account.Id, Assert.Single(_machine.Journal.OpenJobs()).Account!.Id);
        Assert.NotNull(_machine.Journal.Dirty);
    }

    [Fact]
    public async Task A_home_without_an_account_is_removed_by_its_owner_s_number()
    {
        var account = await ByHand().CreateAsync(_id, Cancel);
        _machine.Journal.Append(at => new StepDone(at, _id, JobStage.Clean));
        _machine.Accounts.Entries.Clear();

        Assert.Equal((account.Id, true), ((await ByHand().RemoveAsync(account.Name, Cancel)) is var removal ? removal.Uid!.Value : 0, removal.Report!.IsClean));
        Assert.Empty(_machine.Leftovers());
    }

    [Theory]
    [InlineData("root")]
    [InlineData("bk-")]
    [InlineData("bk-../../etc")]
    [InlineData("bk-0123456789abcdef0123456789abcdef")]
    [InlineData("0123")]
    public async Task What_is_no_job_s_name_is_refused(string name)
    {
        _machine.Accounts.Entries.Add(new AccountEntry(name, _machine.Get<AccountRange>().First, "/", null));

        var refusal = await Assert.ThrowsAsync<AccountDirectoryException>(() => ByHand().RemoveAsync(name, Cancel));
        Assert.Contains("nothing was touched", refusal.Message);
        Assert.Empty(_machine.Accounts.Deleted);
        _machine.Accounts.Entries.Clear();
    }

    [Fact]
    public async Task A_job_s_name_with_a_number_of_somebody_else_s_is_refused()
    {
        var name = _machine.Accounts.NameFor(_id);
        _machine.Accounts.Entries.Add(new AccountEntry(name, 1000, "/home/somebody", null));

        Assert.Contains("not macrunners' own", (await Assert.ThrowsAsync<AccountDirectoryException>(() => ByHand().RemoveAsync(name, Cancel))).Message);
        Assert.Empty(_machine.Accounts.Deleted);
        _machine.Accounts.Entries.Clear();
    }

    [Fact]
    public async Task What_is_not_there_is_gone()
    {
        var removal = await ByHand().RemoveAsync(_id.ToString("D"), Cancel);

        Assert.Equal((_machine.Accounts.NameFor(_id), null, null), (removal.Name, removal.Uid, removal.Report));
    }

    [Fact]
    public async Task The_same_account_is_not_made_twice()
    {
        await ByHand().CreateAsync(_id, Cancel);

        Assert.Contains("exists already", (await Assert.ThrowsAsync<AccountDirectoryException>(() => ByHand().CreateAsync(_id, Cancel))).Message);
        Assert.Single(_machine.Accounts.Entries);
    }

    [Fact]
    public async Task One_that_cannot_be_made_leaves_nothing()
    {
        _machine.Accounts.NoCreation = "no more accounts";

        Assert.Equal("no more accounts", (await Assert.ThrowsAsync<AccountDirectoryException>(() => ByHand().CreateAsync(_id, Cancel))).Message);
        Assert.Empty(_machine.Leftovers());
        Assert.Empty(_machine.Journal.OpenJobs());
    }

    [Fact]
    public async Task A_used_up_range_is_refused()
    {
        var last = _machine.Get<AccountRange>().Last;
        _machine.Journal.Append(at => new AccountCreating(at, Guid.NewGuid(), "bk-last", last, last, "/nowhere"));

        Assert.Contains("restart the machine", (await Assert.ThrowsAsync<AccountDirectoryException>(() => ByHand().CreateAsync(_id, Cancel))).Message);
    }

    private AccountsByHand ByHand()
    {
        var directory = _machine.Get<IAccountDirectory>();
        return new AccountsByHand(
            directory,
            new AccountSearch(_machine.Platform, directory, _machine.Get<AccountRange>(), _machine.Get<IOptions<PathsOptions>>()),
            _machine.Journal,
            _machine.Get<JobAccounts>(),
            _machine.Get<JobTeardown>(),
            _machine.Get<Trash>(),
            _machine.Get<SharedPlaces>());
    }
}
