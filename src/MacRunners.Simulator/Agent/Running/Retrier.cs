using MacRunners.Simulator.Agent.Api;

namespace MacRunners.Simulator.Agent.Running;

/// <summary>Repeats a call as a <see cref="RetryPlan"/> says.</summary>
internal sealed class Retrier(RetryPlan plan, TimeProvider time, Action<string> warn)
{
    /// <summary>Answer to a failure: stop at once, or go on (after another wait than the plan's, if given).</summary>
    internal readonly record struct Verdict(bool Stop, TimeSpan? Wait = null);

    /// <summary>Goes on after every failure until the plan ends.</summary>
    public static Verdict GoOn(AgentApiException failure) => default;

    /// <summary>Calls until it works. The call learns the try (from 0) and the time left; the last failure is thrown.</summary>
    public async Task<T> RunAsync<T>(Func<int, TimeSpan, Task<T>> call, Func<AgentApiException, Verdict> judge, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            var left = plan.Limit is { } limit ? limit - time.GetElapsedTime(started) : Timeout.InfiniteTimeSpan;
            try
            {
                return await call(attempt, left);
            }
            catch (AgentApiException failure)
            {
                var verdict = judge(failure);
                var wait = verdict.Wait ?? plan.Delay(attempt);
                if (verdict.Stop || attempt + 1 >= plan.Attempts || (plan.Limit is not null && time.GetElapsedTime(started) + wait > plan.Limit))
                {
                    warn($"{failure.Message} (Attempt {attempt + 1}/{plan.Attempts})");
                    throw;
                }

                warn($"{failure.Message} (Attempt {attempt + 1}/{plan.Attempts} Retrying in {wait.TotalSeconds:0.###}s)");
                await Task.Delay(wait, time, cancel);
            }
        }
    }

    public Task RunAsync(Func<int, TimeSpan, Task> call, Func<AgentApiException, Verdict> judge, CancellationToken cancel) => RunAsync(
        async (attempt, left) =>
        {
            await call(attempt, left);
            return true;
        },
        judge, cancel);
}
