namespace MacRunners.Simulator.Serve;

/// <summary>Leaves signals alone: whoever hosts the simulator, the command or a test, decides when it ends.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
