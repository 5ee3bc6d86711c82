using MacRunners.Platform;

namespace MacRunners.Images;

/// <summary>One thing that the operating system must have been told.</summary>
internal sealed class HardeningProbe(HardeningCheck check) : ImageProbe(check.Name)
{
    /// <inheritdoc/>
    public override async Task<ProbeFinding> RunAsync(CancellationToken cancellationToken)
    {
        var (isMet, found) = await check.LookAsync(cancellationToken);
        return isMet ? Ok(found) : Failed(check.Expected, found);
    }
}
