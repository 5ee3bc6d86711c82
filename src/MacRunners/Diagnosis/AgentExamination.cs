using MacRunners.Agent;

namespace MacRunners.Diagnosis;

/// <summary>Is there a <c>buildkite-agent</c> that the daemon can drive?</summary>
internal sealed class AgentExamination(AgentBinary agent) : Examination("agent")
{
    /// <inheritdoc/>
    public override async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken)
    {
        try
        {
            return [Ok($"{agent.Path}, version {await agent.GetVersionAsync(cancellationToken)}")];
        }
        catch (AgentUnusableException e)
        {
            return [Failed(e.Message, $"Install buildkite-agent {AgentVersion.Oldest} or later, below {AgentVersion.TooNew}, or correct Agent:Path.")];
        }
    }
}
