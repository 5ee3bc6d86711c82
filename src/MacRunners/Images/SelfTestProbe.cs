using MacRunners.Isolation;

namespace MacRunners.Images;

/// <summary>Can the daemon do its work here? One hostile job, in an account made for it, which is then torn down and proven gone.</summary>
/// <param name="whyNot">Why it cannot be tried here; null when it can.</param>
/// <param name="attack">What the job does.</param>
/// <param name="make">Makes it.</param>
internal sealed class SelfTestProbe(string? whyNot, Attack attack, Func<IReadOnlyList<Attack>, CancellationToken, IAsyncEnumerable<AttackResult>> make) : ImageProbe("self-test")
{
    /// <inheritdoc/>
    public override async Task<ProbeFinding> RunAsync(CancellationToken cancellationToken)
    {
        if (whyNot is not null)
        {
            return Skipped(whyNot);
        }

        var findings = new List<ProbeFinding>();
        await foreach (var result in make([attack], cancellationToken))
        {
            findings.Add(result.Outcome switch
            {
                AttackOutcome.Ok => Ok("an account was made, a job in it left processes behind, and all of it is proven gone"),
                AttackOutcome.Skipped => Failed("a job that is torn down", string.Join("; ", result.Details)),
                _ => Failed("a job that is torn down without a trace", string.Join("; ", result.Details)),
            });
        }

        return findings is [var only] ? only : Failed("one result", $"{findings.Count}");
    }
}
