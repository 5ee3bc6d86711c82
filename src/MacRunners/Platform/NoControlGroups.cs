namespace MacRunners.Platform;

/// <summary>A system without control groups: macOS, and a Linux on which none can be made.</summary>
internal sealed class NoControlGroups : IControlGroups
{
    /// <inheritdoc/>
    public void Make(uint uid)
    {
        // Processes are known by their numbers alone.
    }

    /// <inheritdoc/>
    public Task HoldAndKillAsync(uint uid, Func<bool> mayBeKilled) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Kill(uint uid)
    {
        // Each is killed by itself.
    }

    /// <inheritdoc/>
    public Task RemoveAsync(uint uid) => Task.CompletedTask;

    /// <inheritdoc/>
    public IReadOnlyList<uint> Owners() => [];
}
