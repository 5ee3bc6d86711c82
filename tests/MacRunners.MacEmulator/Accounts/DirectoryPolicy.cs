namespace MacRunners.MacEmulator.Accounts;

/// <summary>Circumstances of one request to the directory.</summary>
/// <param name="IsRoot">Only root may write.</param>
/// <param name="PrivacyDenied">The caller lacks Full Disk Access: users cannot be deleted, their number and home not be changed.</param>
/// <param name="TakenIds">Numbers that are to count as in use.</param>
/// <param name="VisibleFrom">When look-ups begin to see what is created now; null: at once.</param>
/// <param name="NewId">Source of GeneratedUIDs.</param>
internal sealed record DirectoryPolicy(
    bool IsRoot,
    bool PrivacyDenied,
    IReadOnlySet<string> TakenIds,
    DateTimeOffset? VisibleFrom,
    Func<Guid> NewId);
