namespace MacRunners.Platform.Linux;

/// <summary>What matters to jobs on Linux and no other examination sees: whether there are control groups for them.</summary>
internal sealed class LinuxConditions(ControlGroups? groups) : ISystemConditions
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<SystemCondition>> LookAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<SystemCondition>>(
    [
        new SystemCondition(groups is null
            ? "no control groups (version 2, writable) can be made here: processes of jobs are known by their numbers and logins alone"
            : $"control groups can be made, here in {groups.Place}"),
    ]);
}
