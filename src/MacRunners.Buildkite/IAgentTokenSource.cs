namespace MacRunners.Buildkite;

/// <summary>
/// Where the cluster agent token comes from. Asked before every single attempt and never cached by the clients, so a token file that
/// was replaced is picked up by the next request.
/// </summary>
public interface IAgentTokenSource
{
    /// <summary>Gives the token as it is now, without surrounding white space.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The bare token. What the implementation throws reaches the caller of the client unchanged and is not retried.</returns>
    ValueTask<string> GetTokenAsync(CancellationToken cancellation);
}
