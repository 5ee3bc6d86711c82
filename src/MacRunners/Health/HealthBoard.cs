using System.Collections.Concurrent;
using MacRunners.Settings;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MacRunners.Health;

/// <summary>
/// Runs every check in a loop of its own and remembers what it found, so that an answer over HTTP costs nothing and a
/// check that hangs holds up neither the answers nor the other checks: it is reported as the fault it is. What it shows is
/// steadied by <see cref="SteadyVerdict"/>.
/// </summary>
internal sealed partial class HealthBoard(
    IOptions<HealthCheckServiceOptions> checks,
    IServiceProvider services,
    IOptions<HealthOptions> options,
    TimeProvider time,
    ILogger<HealthBoard> logger) : BackgroundService
{
    /// <summary>Tag of checks that tell what the daemon knows for certain instead of measuring: shown as they are.</summary>
    public const string Exact = "exact";

    private const string NotYet = "not looked at yet";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // Seldom looks come this soon while they decide whether a check is well again.
    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<HealthCheckRegistration> _registrations = [.. checks.Value.Registrations];
    private readonly ConcurrentDictionary<string, CheckState> _states = new(checks.Value.Registrations.ToDictionary(
        registration => registration.Name,
        registration => new CheckState(registration.Name, HealthStatus.Degraded, time.GetUtcNow(), NotYet, "Wait some seconds.")));

    /// <summary>What each check last found, in the order of registration.</summary>
    public IReadOnlyList<CheckState> Checks => [.. _registrations.Select(registration => _states[registration.Name])];

    /// <summary>Whether each check has looked once.</summary>
    public bool HasLooked => Checks.All(check => check.Detail != NotYet);

    /// <summary>The worst of all checks.</summary>
    public HealthStatus Status => Checks.Select(check => check.Status).DefaultIfEmpty(HealthStatus.Healthy).Min();

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_registrations.Select(registration => RepeatAsync(registration, stoppingToken)));

    private async Task RepeatAsync(HealthCheckRegistration registration, CancellationToken cancellationToken)
    {
        var check = registration.Factory(services);
        var context = new HealthCheckContext { Registration = registration };
        var verdict = new SteadyVerdict();
        try
        {
            while (true)
            {
                await LookAsync(check, context, verdict, cancellationToken);
                var pause = registration.Period ?? options.Value.RefreshInterval;
                await Task.Delay(verdict.IsCounting && pause > SoonAgain ? SoonAgain : pause, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The daemon stops.
        }
    }

    private async Task LookAsync(IHealthCheck check, HealthCheckContext context, SteadyVerdict verdict, CancellationToken cancellationToken)
    {
        // On a thread of the pool: a check may block in a system call before it returns a task.
        var looking = Task.Run(() => check.CheckHealthAsync(context, cancellationToken), cancellationToken);
        try
        {
            Remember(context.Registration, verdict, await looking.WaitAsync(Patience, time, cancellationToken));
        }
        catch (TimeoutException)
        {
            Remember(context.Registration, verdict, Finding.Unhealthy(
                $"no answer within {Patience.TotalSeconds:0} s", "Look for a hanging disk, directory service or program on this machine; else recycle it."));

            // Not asked again until it has answered: hanging calls must not pile up.
            await ((Task)looking).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            CheckFailed(logger, context.Registration.Name, e);
            Remember(context.Registration, verdict, Finding.Unhealthy($"the check failed: {e.Message}", "See the daemon's log."));
        }
    }

    private void Remember(HealthCheckRegistration registration, SteadyVerdict verdict, HealthCheckResult found)
    {
        var name = registration.Name;
        var result = verdict.Look(found, registration.Tags.Contains(Exact));
        var before = _states[name];
        var hasTurned = before.Status != result.Status;
        var now = new CheckState(
            name,
            result.Status,
            hasTurned ? time.GetUtcNow() : before.Since,
            result.Description ?? "",
            result.Data.TryGetValue(Finding.Remedy, out var remedy) ? (string)remedy : null);
        _states[name] = now;
        if (!hasTurned)
        {
            return;
        }

        if (now.Status == HealthStatus.Healthy)
        {
            // That all is well from the beginning is no news.
            if (before.Detail != NotYet)
            {
                TurnedHealthy(logger, name, now.Detail);
            }
        }
        else
        {
            Turned(logger, name, now.Status, now.Detail, now.Remedy ?? "");
        }
    }

    [LoggerMessage(2101, LogLevel.Information, "Health: {Check} is healthy: {Detail}")]
    private static partial void TurnedHealthy(ILogger logger, string check, string detail);

    [LoggerMessage(2102, LogLevel.Warning, "Health: {Check} is {Status}: {Detail}. {Remedy}")]
    private static partial void Turned(ILogger logger, string check, HealthStatus status, string detail, string remedy);

    [LoggerMessage(2103, LogLevel.Error, "Health: the check {Check} failed")]
    private static partial void CheckFailed(ILogger logger, string check, Exception e);
}
