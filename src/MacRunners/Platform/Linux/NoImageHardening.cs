namespace MacRunners.Platform.Linux;

/// <summary>Images are made of macOS.</summary>
internal sealed class NoImageHardening : IImageHardening
{
    /// <inheritdoc/>
    public IReadOnlyList<HardeningCheck> Checks => [];
}
