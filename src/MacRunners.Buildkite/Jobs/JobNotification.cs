namespace MacRunners.Buildkite;

/// <summary>A line of progress to be shown on a job's page.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Detail">The text; cropped to 256 characters when sent.</param>
public sealed record JobNotification(Guid JobId, string Detail);
