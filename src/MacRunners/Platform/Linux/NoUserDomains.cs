namespace MacRunners.Platform.Linux;

/// <summary>Linux has no launchd domains.</summary>
internal sealed class NoUserDomains : IUserDomains
{
    /// <inheritdoc/>
    public IReadOnlyList<string> EnterCommand(uint uid) => [];

    /// <inheritdoc/>
    public IReadOnlyList<string> EndCommand(uint uid) => [];

    /// <inheritdoc/>
    public Task EndAsync(uint uid, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public IReadOnlyList<string> PrivateFolders(uint uid, Guid? generatedUid) => [];
}
