using MacRunners.Accounts;
using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Teardown;
using MacRunners.Tests.Jobs;

namespace MacRunners.Tests.Accounts;

public sealed class JobAccountsTests : IAsyncDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly JobMachine _machine = new();
    private readonly JobLife _life = new(Guid.NewGuid());

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    private uint First => _machine.Get<AccountRange>().First;

    [Fact]
    public async Task Each_account_gets_the_next_number()
    {
        await CreateAsync(_life);
        var next = new JobLife(Guid.NewGuid());
        await CreateAsync(next);

        Assert.Equal((First, First + 1), (_life.Account!.Id, next.Account!.Id));
    }

    [Fact]
    public async Task A_number_that_somebody_has_is_never_written_down_as_a_jobs()
    {
        // What is written down would be killed by the number after a crash.
        _machine.Accounts.Holders[First] = "process 1 (somebody's)";
        _machine.Accounts.Holders[First + 1] = "user somebody";

        await CreateAsync(_life);

        Assert.Equal(First + 2, _life.Account!.Id);
        Assert.Equal([First + 2], Intents());
    }

    [Fact]
    public async Task A_number_taken_meanwhile_is_no_longer_the_jobs_after_a_crash_either()
    {
        _machine.Accounts.TakenMeanwhile.UnionWith(Enumerable.Range((int)First, 10).Select(id => (uint)id));

        await Assert.ThrowsAsync<AccountDirectoryException>(() => CreateAsync(_life));

        Assert.Null(_life.Account);
        Assert.Null(Assert.Single(_machine.Journal.OpenJobs()).Account);
        Assert.Equal([_machine.Accounts.NameFor(_life.Job)], _machine.Accounts.Deleted);
    }

    [Fact]
    public async Task What_was_half_made_goes_when_the_job_is_given_up_before_it_has_a_number()
    {
        using var givenUp = new CancellationTokenSource();
        _machine.Accounts.TakenMeanwhile.Add(First);
        _machine.Accounts.Claimed = givenUp.Cancel;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _machine.Get<JobAccounts>().CreateAsync(_life, givenUp.Token));

        Assert.Null(_life.Account);
        Assert.Equal([_machine.Accounts.NameFor(_life.Job)], _machine.Accounts.Deleted);
    }

    [Fact]
    public async Task What_was_half_made_and_cannot_be_deleted_makes_the_machine_dirty_and_hides_nothing()
    {
        using var givenUp = new CancellationTokenSource();
        _machine.Accounts.TakenMeanwhile.Add(First);
        _machine.Accounts.Claimed = givenUp.Cancel;
        _machine.Accounts.Refusal = "eDSPermissionError";

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _machine.Get<JobAccounts>().CreateAsync(_life, givenUp.Token));

        Assert.True(_machine.Get<DirtyState>().IsDirty);
    }

    [Fact]
    public async Task With_every_number_in_use_by_others_nothing_is_written_down()
    {
        foreach (var id in Enumerable.Range((int)First, 10))
        {
            _machine.Accounts.Holders[(uint)id] = "user somebody";
        }

        var failure = await Assert.ThrowsAsync<AccountDirectoryException>(() => CreateAsync(_life));

        Assert.Contains("in use by others", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Intents());
    }

    private Task CreateAsync(JobLife life) => _machine.Get<JobAccounts>().CreateAsync(life, Cancel);

    private IEnumerable<uint> Intents() => File.ReadLines(_machine.JournalPath)
        .Select(line => JournalLine.TryRead(line, out var entry) ? entry : null).OfType<AccountCreating>().Select(creating => creating.Uid);
}
