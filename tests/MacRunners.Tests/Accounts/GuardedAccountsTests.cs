using MacRunners.Accounts;
using MacRunners.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace MacRunners.Tests.Accounts;

public sealed class GuardedAccountsTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private static readonly AccountSpec Spec = new("bk-1", 700001, "/homes/bk-1", "/bin/bash", "a test");
    private static readonly AccountDirectoryException Silence = new("dscl did not end within 30 s", inner: new ToolException("dscl did not end within 30 s", isTimeout: true));
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly IAccountDirectory _inner = Substitute.For<IAccountDirectory>();
    private readonly GuardedAccounts _accounts;

    public GuardedAccountsTests()
    {
        _accounts = new GuardedAccounts(_inner, _time, NullLogger<GuardedAccounts>.Instance);
        _inner.CreateAsync(Spec, Cancel).Returns(new AccountCreation.Created(null));
    }

    [Fact]
    public async Task After_three_calls_without_an_answer_accounts_are_refused_at_once_with_since_and_remedy()
    {
        await FallSilentAsync();

        var refusal = await Assert.ThrowsAsync<AccountDirectoryException>(CreateAsync);

        Assert.Contains("has not answered since 2026-11-24 12:00:00Z (3 calls", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("opendirectoryd", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(refusal.Message, _accounts.Unanswered);
        await _inner.Received(1).CreateAsync(Spec, Cancel);
    }

    [Fact]
    public async Task Two_calls_without_an_answer_and_one_with_are_no_row()
    {
        await FallSilentAsync(calls: 2);
        _inner.ListJobAccountsAsync(Cancel).Returns([]);
        await _accounts.ListJobAccountsAsync(Cancel);

        await FallSilentAsync(calls: 2);

        Assert.Null(_accounts.Unanswered);
    }

    [Fact]
    public async Task A_refusal_is_an_answer()
    {
        await FallSilentAsync();
        _inner.ListJobAccountsAsync(Cancel).ThrowsAsync(new AccountDirectoryException("-14120", isRefused: true));

        await Assert.ThrowsAsync<AccountDirectoryException>(() => _accounts.ListJobAccountsAsync(Cancel));

        Assert.Null(_accounts.Unanswered);
        Assert.IsType<AccountCreation.Created>(await CreateAsync());
    }

    [Fact]
    public async Task Deleting_and_proving_always_go_through_and_their_answer_counts()
    {
        await FallSilentAsync(calls: 7);
        await Assert.ThrowsAsync<AccountDirectoryException>(CreateAsync);
        await _inner.Received(2).DeleteAsync("bk-1", Cancel);
        _inner.NeutraliseAsync("bk-1", Cancel).ThrowsAsync(Silence);
        await Assert.ThrowsAsync<AccountDirectoryException>(() => _accounts.NeutraliseAsync("bk-1", Cancel));
        await _inner.Received(2).FindTracesAsync("bk-1", 700001, null, Cancel);

        _inner.DeleteAsync("bk-1", Cancel).Returns(Task.CompletedTask);
        await _accounts.DeleteAsync("bk-1", Cancel);

        Assert.Null(_accounts.Unanswered);
    }

    [Fact]
    public async Task After_the_break_one_creation_is_tried_and_the_others_go_on_being_refused()
    {
        await FallSilentAsync();
        _time.Advance(GuardedAccounts.Break - TimeSpan.FromTicks(1));
        await Assert.ThrowsAsync<AccountDirectoryException>(CreateAsync);
        _time.Advance(TimeSpan.FromTicks(1));
        var answer = new TaskCompletionSource<AccountCreation>();
        _inner.CreateAsync(Spec, Cancel).Returns(answer.Task);

        var trial = CreateAsync();
        await Assert.ThrowsAsync<AccountDirectoryException>(CreateAsync);
        answer.SetResult(new AccountCreation.Created(null));

        Assert.IsType<AccountCreation.Created>(await trial);
        Assert.Null(_accounts.Unanswered);
    }

    [Fact]
    public async Task A_trial_without_an_answer_begins_another_break()
    {
        await FallSilentAsync();
        _time.Advance(GuardedAccounts.Break);
        _inner.CreateAsync(Spec, Cancel).ThrowsAsync(Silence);
        Assert.Same(Silence, await Assert.ThrowsAsync<AccountDirectoryException>(CreateAsync));

        Assert.NotSame(Silence, await Assert.ThrowsAsync<AccountDirectoryException>(CreateAsync));
        _time.Advance(GuardedAccounts.Break);
        Assert.Same(Silence, await Assert.ThrowsAsync<AccountDirectoryException>(CreateAsync));
    }

    private Task<AccountCreation> CreateAsync() => _accounts.CreateAsync(Spec, Cancel);

    /// <summary>Creating, deleting and looking in turn, without an answer.</summary>
    private async Task FallSilentAsync(int calls = 3)
    {
        _inner.CreateAsync(Spec, Cancel).ThrowsAsync(Silence);
        _inner.DeleteAsync("bk-1", Cancel).ThrowsAsync(Silence);
        _inner.FindTracesAsync("bk-1", 700001, null, Cancel).ThrowsAsync(Silence);
        for (var call = 0; call < calls; call++)
        {
            await Assert.ThrowsAsync<AccountDirectoryException>(() => (call % 3) switch
            {
                0 => CreateAsync(),
                1 => _accounts.DeleteAsync("bk-1", Cancel),
                _ => _accounts.FindTracesAsync("bk-1", 700001, null, Cancel),
            });
        }

        _inner.CreateAsync(Spec, Cancel).Returns(new AccountCreation.Created(null));
    }
}
