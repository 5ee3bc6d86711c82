using MacRunners.Hosting;

namespace MacRunners.Diagnosis;

/// <summary>Is there a cluster token, can only root read it, and does it look like one? What it says is never shown.</summary>
internal sealed class TokenExamination(IAgentToken token, string source) : Examination("token")
{
    private const string ClusterToken = "bkct_";

    private static readonly Dictionary<string, string> Others = new()
    {
        ["bkua_"] = "a user's API token",
        ["bkaa_"] = "the session token of an agent",
        ["bkaj_"] = "the token of a job",
        ["bkjat_"] = "the acquisition token of a job",
    };

    /// <inheritdoc/>
    public override Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<DoctorFinding>>([Examine()]);

    private DoctorFinding Examine()
    {
        string text;
        try
        {
            text = token.Current();
        }
        catch (AgentTokenException e)
        {
            return Failed(e.Message, "Write the cluster token, and nothing else, to a file of root's with mode 0600, and name it in Buildkite:TokenFile.");
        }

        return text.StartsWith(ClusterToken, StringComparison.Ordinal) ? Ok($"a cluster token from {source}")
            : Others.FirstOrDefault(other => text.StartsWith(other.Key, StringComparison.Ordinal)) is { Value: { } kind }
                ? Failed($"what {source} holds is {kind}, not a cluster token", $"Use the agent token of the cluster ({ClusterToken}…).")
            : Warning($"what {source} holds does not begin with {ClusterToken} as cluster tokens do", "Check that it is the agent token of the cluster, whole, and without quotation marks.");
    }
}
