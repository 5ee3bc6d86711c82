namespace MacRunners.Buildkite;

/// <summary>Answer of <c>POST …/jobs/get-states</c>.</summary>
internal sealed record JobStatesBody(Dictionary<string, string?> States)
{
    public IEnumerable<KeyValuePair<Guid, JobState>> ToStates()
    {
        foreach (var (text, state) in States)
        {
            if (state is not null && WireText.TryJobId(text, out var id))
            {
                yield return new(id, new JobState(state));
            }
        }
    }
}
