using MacRunners.Health;
using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Jobs;

/// <summary>
/// Puts the network fence up before anything else of the daemon runs, looks after it, and puts it up again when somebody has taken it
/// down, as a restart of the system's own firewall does. After that it counts as standing only when <see cref="SteadyVerdict.GoodLooks"/>
/// looks in a row have found it so: what is taken down again and again keeps jobs away. It stays when the daemon ends, for jobs that go on.
/// </summary>
internal sealed partial class FenceKeeper(
    IPlatform platform, FencePlan plan, IOptions<NetworkOptions> network, TimeProvider time, ILogger<FenceKeeper> logger) : BackgroundService, IFenceState
{
    /// <summary>Between two looks, each of which starts a program or three.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>The same while it does not stand.</summary>
    public static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(2);

    private volatile string? _problem = network.Value.Fence ? "the network fence has not been put up yet" : null;
    private int _goodLooks;

    /// <inheritdoc/>
    public string? Problem => _problem;

    /// <inheritdoc/>
    public string Detail => network.Value.Fence
        ? $"it stands around {plan.First} to {plan.Last} ({platform.Fence.Describe(plan)})"
        : "switched off (Network:Fence): jobs reach whatever this machine reaches";

    /// <inheritdoc/>
    public string Remedy => platform.Fence.Remedy;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (network.Value.Fence)
        {
            _problem = await PutUpAsync(cancellationToken) ?? await InspectAsync(cancellationToken);
            if (_problem is null)
            {
                Stands(logger, platform.Fence.Describe(plan));
            }
            else
            {
                Fell(logger, _problem, Remedy);
            }
        }
        else
        {
            await TakeDownAsync(cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (network.Value.Fence)
            {
                await Task.Delay(_problem is null ? Period : SoonAgain, time, stoppingToken);
                await LookAfterAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The daemon stops.
        }
    }

    private async Task LookAfterAsync(CancellationToken cancellationToken)
    {
        if (await InspectAsync(cancellationToken) is { } found)
        {
            // No job from now on. That it was put up is not believed before it was looked at.
            var known = _problem;
            _goodLooks = 0;
            _problem = found;
            _problem = await PutUpAsync(cancellationToken) ?? found;
            if (_problem != known)
            {
                Fell(logger, _problem, Remedy);
            }
        }
        else if (_problem is not null && ++_goodLooks == SteadyVerdict.GoodLooks)
        {
            _goodLooks = 0;
            _problem = null;
            Stands(logger, platform.Fence.Describe(plan));
        }
    }

    private async Task<string?> PutUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            await platform.Fence.ApplyAsync(plan, cancellationToken);
            return null;
        }
        catch (ToolException e)
        {
            return $"the network fence cannot be put up: {e.Message}";
        }
    }

    private async Task<string?> InspectAsync(CancellationToken cancellationToken)
    {
        try
        {
            var differences = await platform.Fence.LookAsync(plan, cancellationToken);
            return differences.Count switch
            {
                0 => null,
                1 => $"the network fence does not stand ({platform.Fence.Describe(plan)}): {differences[0]}",
                var count => $"the network fence does not stand ({platform.Fence.Describe(plan)}): {differences[0]}; and {count - 1} more",
            };
        }
        catch (ToolException e)
        {
            return $"nobody knows whether the network fence stands: {e.Message}";
        }
    }

    private async Task TakeDownAsync(CancellationToken cancellationToken)
    {
        SwitchedOff(logger);
        try
        {
            await platform.Fence.RemoveAsync(plan, cancellationToken);
        }
        catch (ToolException e)
        {
            NotTakenDown(logger, e.Message);
        }
    }

    [LoggerMessage(1431, LogLevel.Information, "The network fence stands: {Fence}")]
    private static partial void Stands(ILogger logger, string fence);

    [LoggerMessage(1432, LogLevel.Error, "No job is taken: {Why}. {Remedy}")]
    private static partial void Fell(ILogger logger, string why, string remedy);

    [LoggerMessage(1433, LogLevel.Warning, "Network:Fence is off: jobs reach the metadata service of clouds, sshd and the daemon's port, where these are to be reached from this machine")]
    private static partial void SwitchedOff(ILogger logger);

    [LoggerMessage(1434, LogLevel.Warning, "Rules of an earlier network fence may be left: {Why}")]
    private static partial void NotTakenDown(ILogger logger, string why);
}
