using MacRunners.Buildkite;

namespace MacRunners.Jobs;

/// <summary>Where jobs come from. Every call may throw <see cref="BuildkiteApiException"/>; a token that cannot be read, <see cref="IOException"/>.</summary>
internal interface IJobSource
{
    /// <summary>Introduces this machine; safe to repeat.</summary>
    Task ConnectAsync(CancellationToken cancellationToken);

    /// <summary>Says goodbye.</summary>
    Task DisconnectAsync(CancellationToken cancellationToken);

    /// <summary>Looks for waiting jobs.</summary>
    /// <param name="slots">Free slots; 0 only keeps the connection alive.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Jobs this machine could run, not ordered.</returns>
    Task<JobOffers> FindAsync(int slots, CancellationToken cancellationToken);

    /// <summary>Claims jobs, or extends claims held.</summary>
    /// <returns>The jobs that are now kept for this machine.</returns>
    Task<IReadOnlyCollection<Guid>> ReserveAsync(IReadOnlyCollection<Guid> jobs, CancellationToken cancellationToken);

    /// <summary>A credential with which one agent can run this one job; null when it is refused.</summary>
    Task<string?> IssueTokenAsync(Guid job, CancellationToken cancellationToken);

    /// <summary>The job's state; null when it is unknown there.</summary>
    Task<JobState?> GetStateAsync(Guid job, CancellationToken cancellationToken);

    /// <summary>Shows a line of progress to the job's owner; longer than 256 characters it is cropped.</summary>
    Task NotifyAsync(Guid job, string text, CancellationToken cancellationToken);

    /// <summary>Ends a job that no agent took, as failed with exit status −1, and shows the reason to its owner.</summary>
    Task FailAsync(Guid job, string reason, CancellationToken cancellationToken);
}

/// <summary>The answer to a look for jobs.</summary>
/// <param name="Jobs">Jobs whose rules this machine satisfies.</param>
/// <param name="IsPaused">Whether none may be taken now.</param>
internal sealed record JobOffers(IReadOnlyList<ScheduledJob> Jobs, bool IsPaused);
