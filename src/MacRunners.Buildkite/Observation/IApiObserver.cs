namespace MacRunners.Buildkite;

/// <summary>Is told of every request that was sent: the place where metrics are counted.</summary>
public interface IApiObserver
{
    /// <summary>
    /// Called once per attempt, on the thread of the call: be quick, do not throw. Not called for what was never sent (open circuit
    /// breaker, no such call wanted by the service) nor for an attempt the caller cancelled.
    /// </summary>
    /// <param name="attempt">What happened.</param>
    void Completed(ApiAttempt attempt);
}
