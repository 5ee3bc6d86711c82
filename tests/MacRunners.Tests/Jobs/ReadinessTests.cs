using MacRunners.Accounts;
using MacRunners.Jobs;
using MacRunners.Platform;
using NSubstitute;

namespace MacRunners.Tests.Jobs;

public sealed class ReadinessTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_directory_service_does_not_answer_no_job_may_be_taken()
    {
        await using var machine = new JobMachine();
        Assert.Null(await machine.Get<Readiness>().WhyNotAsync(Cancel));
        machine.Accounts.BeforeDeletion = () => throw new AccountDirectoryException("silence", inner: new ToolException("silence", isTimeout: true));
        for (var call = 0; call < GuardedAccounts.MostUnanswered; call++)
        {
            await Assert.ThrowsAsync<AccountDirectoryException>(() => machine.Get<IAccountDirectory>().DeleteAsync("bk-1", Cancel));
        }

        Assert.Contains("has not answered since", await machine.Get<Readiness>().WhyNotAsync(Cancel), StringComparison.Ordinal);

        machine.Accounts.BeforeDeletion = null;
        await machine.Get<IAccountDirectory>().DeleteAsync("bk-1", Cancel);
        Assert.Null(await machine.Get<Readiness>().WhyNotAsync(Cancel));
    }

    [Fact]
    public async Task While_the_network_fence_does_not_stand_no_job_may_be_taken()
    {
        await using var machine = new JobMachine();
        machine.Fence.Problem.Returns("a rule is missing");
        machine.Fence.Remedy.Returns("Put it back.");

        Assert.Equal("a rule is missing. Put it back.", await machine.Get<Readiness>().WhyNotAsync(Cancel));
    }

    [Fact]
    public async Task While_the_disk_cannot_be_looked_at_no_job_may_be_taken_and_nothing_fails()
    {
        await using var machine = new JobMachine();
        Directory.Move(machine["homes"], machine["away"]);

        Assert.Contains("cannot be looked at: ", await machine.Get<Readiness>().WhyNotAsync(Cancel), StringComparison.Ordinal);
        Assert.Null(await machine.Get<ICanary>().RunAsync(Cancel));

        Directory.Move(machine["away"], machine["homes"]);
        Assert.Null(await machine.Get<Readiness>().WhyNotAsync(Cancel));
    }
}
