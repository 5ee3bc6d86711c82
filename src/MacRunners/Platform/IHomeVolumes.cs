namespace MacRunners.Platform;

/// <summary>
/// Volumes of their own for jobs' homes, where the platform has them: each goes in one operation, with all that is in it. They lie on the disk
/// that holds the homes' folder, where only root can make one, and are known by the account's name.
/// </summary>
internal interface IHomeVolumes
{
    /// <summary>Makes a volume and mounts it over a folder; its files have owners, and its set-user-id bits and devices count for nothing where that can be had.</summary>
    /// <param name="homes">The homes' folder.</param>
    /// <param name="name">The account's name, and that of the folder in it.</param>
    /// <param name="quota">Bytes that it may grow to; 0 for no limit.</param>
    /// <param name="cancellationToken">Ends it between two steps; what was made is left for <see cref="DeleteAsync"/>.</param>
    /// <returns>What it is known by whatever its name.</returns>
    /// <exception cref="ToolException">It could not be made; what was made of it is left for <see cref="DeleteAsync"/>.</exception>
    Task<Guid> CreateAsync(string homes, string name, long quota, CancellationToken cancellationToken);

    /// <summary>Unmounts and deletes all volumes with that name or identity. What is gone is no error.</summary>
    /// <exception cref="ToolException">One resists, or nobody knows; says what and why.</exception>
    Task DeleteAsync(string homes, string name, Guid? id, CancellationToken cancellationToken);

    /// <summary>The volumes with that name or identity, for people; empty when there is none.</summary>
    /// <exception cref="ToolException">They cannot be listed.</exception>
    Task<IReadOnlyList<string>> FindAsync(string homes, string name, Guid? id, CancellationToken cancellationToken);

    /// <summary>The names, each once, of all volumes that have exactly the form of a job's account.</summary>
    /// <exception cref="ToolException">They cannot be listed.</exception>
    Task<IReadOnlyList<string>> ListAsync(string homes, CancellationToken cancellationToken);

    /// <summary>Whether the disk that holds the homes' folder takes a volume for each job; makes none.</summary>
    /// <exception cref="ToolException">That cannot be found out.</exception>
    Task<SystemCondition> LookAsync(string homes, CancellationToken cancellationToken);

    /// <summary>The commands by which a volume would be made and deleted, for people: nothing is run. What only answers tell stands in angle brackets.</summary>
    AccountCommands CommandsFor(string homes, string name, long quota);
}
