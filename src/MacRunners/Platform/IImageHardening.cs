namespace MacRunners.Platform;

/// <summary>What an image must have been told besides its software, so that nobody but its operator gets in and nothing keeps what jobs leave.</summary>
internal interface IImageHardening
{
    /// <summary>The checks; they only look.</summary>
    IReadOnlyList<HardeningCheck> Checks { get; }
}

/// <summary>One check.</summary>
/// <param name="Name">Unique.</param>
/// <param name="Expected">What must be so: continues "expected …".</param>
/// <param name="LookAsync">Whether it is so, and what was found.</param>
internal sealed record HardeningCheck(string Name, string Expected, Func<CancellationToken, Task<(bool IsMet, string Found)>> LookAsync);
