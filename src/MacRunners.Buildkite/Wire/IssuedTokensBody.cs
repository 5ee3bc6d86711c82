namespace MacRunners.Buildkite;

/// <summary>Answer of <c>POST …/job-acquisition-tokens</c>.</summary>
internal sealed record IssuedTokensBody(List<IssuedTokensBody.TokenEntry?> JobAcquisitionTokens, List<string?>? NotIssued = null)
{
    public AcquisitionTokens ToTokens(IEnumerable<Guid> asked)
    {
        var issued = new Dictionary<Guid, AcquisitionToken>();
        foreach (var entry in JobAcquisitionTokens)
        {
            if (entry is { JobAcquisitionToken: { Length: > 0 } token } && WireText.TryJobId(entry.JobUuid, out var id))
            {
                issued[id] = new AcquisitionToken(id, token, WireText.Timestamp(entry.ExpiresAt));
            }
        }

        foreach (var refused in WireText.JobIds(NotIssued))
        {
            issued.Remove(refused);
        }

        var parts = asked.Distinct().ToLookup(issued.ContainsKey);
        return new AcquisitionTokens([.. parts[true].Select(id => issued[id])], [.. parts[false]]);
    }

    internal sealed record TokenEntry(string? JobUuid = null, string? JobAcquisitionToken = null, string? ExpiresAt = null)
    {
        public override string ToString() => $"acquisition token of job {JobUuid}";
    }
}
