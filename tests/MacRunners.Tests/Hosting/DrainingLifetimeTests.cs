using MacRunners.Commands;
using MacRunners.Health;
using MacRunners.Hosting;
using MacRunners.Jobs;
using MacRunners.Tests.Jobs;
using Microsoft.Extensions.Hosting;
using NSubstitute;

namespace MacRunners.Tests.Hosting;

/// <summary>A part of the daemon that fails; what signals do is in the end-to-end tests.</summary>
public sealed class DrainingLifetimeTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly int _exitCode = Environment.ExitCode;

    // The parts that fail leave it in the process of the tests.
    public void Dispose() => Environment.ExitCode = _exitCode;

    [Fact]
    public async Task A_session_that_fails_ends_the_process_at_once_and_nothing_is_cancelled()
    {
        await using var machine = new JobMachine();
        machine.Source.FindAsync(0, Cancel).ReturnsForAnyArgs(_ => new JobOffers([new(Guid.NewGuid(), 0, [], null, null, null, null, null)], false));
        machine.Source.ReserveAsync([], Cancel).ReturnsForAnyArgs(call =>
        {
            machine.Accounts.NoCreation = "no more accounts";
            return call.Arg<IReadOnlyCollection<Guid>>();
        });
        machine.Source.FailAsync(default, "", Cancel).ReturnsForAnyArgs(_ => throw new InvalidOperationException("nobody expects this"));

        await EndsAsync(machine);
    }

    [Fact]
    public async Task A_dispatcher_that_fails_ends_the_process_at_once_and_nothing_is_cancelled()
    {
        await using var machine = new JobMachine();
        machine.Source.FindAsync(0, Cancel).ReturnsForAnyArgs<JobOffers>(_ => throw new InvalidOperationException("nobody expects this"));

        await EndsAsync(machine);
    }

    private static async Task EndsAsync(JobMachine machine)
    {
        var draining = new TaskCompletionSource<DispatcherState>();
        machine.ProcessEnd.When(end => end.End(ExitCodes.Failure)).Do(_ => draining.SetResult(machine.Get<Dispatcher>().State));
        using var lifetime = machine.Get<IHostLifetime>() as DrainingLifetime;
        await lifetime!.WaitForStartAsync(Cancel);
        var dispatcher = machine.Get<Dispatcher>();
        await dispatcher.StartAsync(Cancel);
        try
        {
            Assert.NotEqual(DispatcherState.Draining, await draining.Task.WaitAsync(Cancel));
            machine.ProcessEnd.ReceivedWithAnyArgs(1).End(0);
        }
        finally
        {
            dispatcher.Drain();
            await dispatcher.Finished;
        }
    }
}
