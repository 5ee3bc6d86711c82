using MacRunners.Buildkite;
using MacRunners.Health;
using MacRunners.Jobs;
using NSubstitute;

namespace MacRunners.Tests.Jobs;

/// <summary>The loop as a whole, without agents: what it asks Buildkite for, and when.</summary>
public sealed class DispatcherTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Until_the_canary_has_passed_it_polls_for_no_slot_and_reserves_nothing()
    {
        await using var machine = new JobMachine("until [ -e \"${0%/*}/go\" ]; do sleep 0.05; done");
        machine.Source.FindAsync(0, Cancel).ReturnsForAnyArgs(_ => new JobOffers([Job()], false));
        var dispatcher = machine.Get<Dispatcher>();
        await dispatcher.StartAsync(Cancel);
        try
        {
            await UntilAsync(() => Slots(machine).Count >= 3);
            Assert.All(Slots(machine), slots => Assert.Equal(0, slots));
            Assert.False(dispatcher.ReadyForJobs);
            Assert.Equal(DispatcherState.Running, dispatcher.State);
            await machine.Source.DidNotReceiveWithAnyArgs().ReserveAsync([], Cancel);

            File.Create(machine["go"]).Dispose();

            await UntilAsync(() => Calls(machine, nameof(IJobSource.ReserveAsync)) > 0);
            Assert.Null(machine.Get<SelfTest>().Problem);
        }
        finally
        {
            dispatcher.Drain();
            await dispatcher.Finished;
        }

        Assert.Empty(machine.Leftovers());
    }

    [Fact]
    public async Task After_three_jobs_that_this_machine_could_not_start_no_further_one_is_reserved()
    {
        await using var machine = new JobMachine();
        machine.Source.FindAsync(0, Cancel).ReturnsForAnyArgs(_ => new JobOffers([Job()], false));
        machine.Source.GetStateAsync(Guid.Empty, Cancel).ReturnsForAnyArgs(JobState.Reserved);
        machine.Source.ReserveAsync([], Cancel).ReturnsForAnyArgs(call =>
        {
            machine.Accounts.NoCreation = "no more accounts";
            return call.Arg<IReadOnlyCollection<Guid>>();
        });
        var dispatcher = machine.Get<Dispatcher>();
        await dispatcher.StartAsync(Cancel);
        try
        {
            await UntilAsync(() => Calls(machine, nameof(IJobSource.FailAsync)) >= SelfTest.MostFailures && machine.Get<JobBoard>().Count == 0);
            var polls = Slots(machine).Count;
            await UntilAsync(() => Slots(machine).Count >= polls + 3);

            Assert.Equal(0, Slots(machine)[^1]);
            Assert.False(dispatcher.ReadyForJobs);
            Assert.Equal(SelfTest.MostFailures, Calls(machine, nameof(IJobSource.FailAsync)));
            await machine.Source.Received(SelfTest.MostFailures)
                .FailAsync(Arg.Any<Guid>(), Arg.Is<string>(reason => reason.StartsWith("no more accounts", StringComparison.Ordinal)), Arg.Any<CancellationToken>());
            Assert.Contains("3 jobs in a row", machine.Get<ISelfTestState>().Problem, StringComparison.Ordinal);
        }
        finally
        {
            dispatcher.Drain();
            await dispatcher.Finished;
        }

        Assert.Empty(machine.Leftovers());
    }

    private static ScheduledJob Job() => new(Guid.NewGuid(), 0, [], null, null, null, null, null);

    private static List<int> Slots(JobMachine machine) =>
        [.. machine.Source.ReceivedCalls().Where(call => call.GetMethodInfo().Name == nameof(IJobSource.FindAsync)).Select(call => (int)call.GetArguments()[0]!)];

    private static int Calls(JobMachine machine, string method) => machine.Source.ReceivedCalls().Count(call => call.GetMethodInfo().Name == method);

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel);
        }
    }
}
