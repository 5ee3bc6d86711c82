namespace MacRunners.Platform.Linux;

/// <summary>Linux gives no home a volume of its own: the configuration that asks for one is refused.</summary>
internal sealed class NoHomeVolumes : IHomeVolumes
{
    /// <inheritdoc/>
    public Task<Guid> CreateAsync(string homes, string name, long quota, CancellationToken cancellationToken) =>
        throw new ToolException("there are no volumes for homes on this system, only on macOS");

    /// <inheritdoc/>
    public Task DeleteAsync(string homes, string name, Guid? id, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> FindAsync(string homes, string name, Guid? id, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListAsync(string homes, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    /// <inheritdoc/>
    public Task<SystemCondition> LookAsync(string homes, CancellationToken cancellationToken) =>
        Task.FromResult(new SystemCondition("there are no volumes for homes on this system", "Leave Accounts:Home out.", IsFatal: true));

    /// <inheritdoc/>
    public AccountCommands CommandsFor(string homes, string name, long quota) => new([], []);
}
