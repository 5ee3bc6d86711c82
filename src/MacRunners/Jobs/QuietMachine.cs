using MacRunners.Health;

namespace MacRunners.Jobs;

/// <summary>Gets the machine for an operation that an operator asked for: no job is on it, and none and no self-test begins.</summary>
internal sealed class QuietMachine(Admission admission, IDispatcherStatus dispatcher, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits for what is about to begin, and takes the machine if no job comes of it.</summary>
    /// <param name="why">For people: continues "no job is taken: ".</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>To be disposed at the end.</returns>
    /// <exception cref="RefusedException">Jobs are running, or something else has the machine to itself.</exception>
    public async Task<IDisposable> TakeAsync(string why, CancellationToken cancellationToken)
    {
        var hold = admission.TryHold(why) ?? throw new RefusedException($"not now: {admission.Holder}");
        try
        {
            while (!admission.IsQuiet)
            {
                // A self-test, or a poll that may bring a job.
                await Task.Delay(Look, time, cancellationToken);
            }

            return !dispatcher.HasSettled ? throw new RefusedException("not now: how the jobs of an earlier run ended is still being settled with Buildkite")
                : dispatcher.RunningJobs.Count is var running and > 0 ? throw new RefusedException($"{running} job(s) are on this machine: `macrunners drain --wait` first")
                : hold;
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }
}

/// <summary>An operator asked for something that cannot be done now; the message says why and what to do.</summary>
internal sealed class RefusedException(string message) : Exception(message);
