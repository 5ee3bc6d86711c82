namespace MacRunners.Platform.Linux;

/// <summary>Linux has no keychains.</summary>
internal sealed class NoKeychains : IKeychains
{
    /// <inheritdoc/>
    public Task CreateAsync(string path, string password, IReadOnlyList<Identity> identities, CancellationToken cancellationToken) =>
        throw new KeychainException("there are no keychains on this system, only on macOS");
}
