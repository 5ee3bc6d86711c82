using MacRunners.Buildkite;
using MacRunners.Jobs;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Options;

namespace MacRunners.Agent;

/// <summary>
/// Decides what an agent registers with. It fails closed: without an acquisition token for exactly this job there is nothing, unless
/// the operator has allowed the fallback and Buildkite itself has said that it issues none.
/// </summary>
internal sealed partial class AgentCredentials(
    IJobSource source, IOptions<BuildkiteOptions> buildkite, DaemonMetrics metrics, ILogger<AgentCredentials> logger)
{
    // What Buildkite's acquisition tokens begin with. Any other token can do more, or something else.
    private const string AcquisitionPrefix = "bkjat_";

    /// <summary>Asks Buildkite for the job's acquisition token.</summary>
    /// <exception cref="NoCredentialException">There is nothing that may be given to this job's agent.</exception>
    /// <exception cref="IOException">The agent token, which the question needs, cannot be read.</exception>
    public async Task<AgentCredential> GetAsync(Guid job, CancellationToken cancellationToken)
    {
        string why;
        try
        {
            if (await source.IssueTokenAsync(job, cancellationToken) is { } token)
            {
                return IsAcquisitionToken(token)
                    ? new AgentCredential.Acquisition(token)
                    : throw new NoCredentialException(
                        $"Buildkite answered with a token that is no acquisition token (it does not begin with {AcquisitionPrefix}), and no other token may start this job. Retry the job; if it happens again, report it to Buildkite's support");
            }

            why = "Buildkite issued no acquisition token for this job";
        }
        catch (BuildkiteApiException e) when (e.Kind is ApiErrorKind.Forbidden or ApiErrorKind.NotFound)
        {
            // An answer, not a disturbance: this token may not, or this organisation does not have them.
            why = $"no acquisition token could be had for this job: {e.Message}";
        }
        catch (BuildkiteApiException e)
        {
            throw new NoCredentialException($"no acquisition token could be had for this job, and no other token may start it: {e.Message}", e);
        }

        if (!buildkite.Value.AllowAgentTokenFallback)
        {
            throw new NoCredentialException(
                $"{why}, and no other token may start it. Retry the job; if it happens again, check that the cluster token may run jobs");
        }

        Falling(logger, job, why);
        metrics.AgentTokenUsed();
        return new AgentCredential.AgentToken();
    }

    // It becomes a variable of a process: a NUL, a newline or a blank in it would mean something else than was issued.
    private static bool IsAcquisitionToken(string token) =>
        token.StartsWith(AcquisitionPrefix, StringComparison.Ordinal) && token.Length > AcquisitionPrefix.Length && token.All(c => c is > ' ' and <= '~');

    [LoggerMessage(1411, LogLevel.Warning, "The agent token itself is handed to the agent of job {Job}, as Buildkite:AllowAgentTokenFallback allows: {Why}")]
    private static partial void Falling(ILogger logger, Guid job, string why);
}
