namespace MacRunners.Buildkite;

/// <summary>Names of operations for machines and people.</summary>
public static class ApiOperationText
{
    /// <summary>Name for a metric label or a log field, for instance <c>list_scheduled_jobs</c>; stable.</summary>
    /// <param name="operation">The operation.</param>
    /// <returns>Lower-case words joined by underscores.</returns>
    public static string Label(this ApiOperation operation) => operation switch
    {
        ApiOperation.Register => "register",
        ApiOperation.Deregister => "deregister",
        ApiOperation.ListScheduledJobs => "list_scheduled_jobs",
        ApiOperation.Reserve => "reserve",
        ApiOperation.IssueAcquisitionTokens => "issue_acquisition_tokens",
        ApiOperation.GetJob => "get_job",
        ApiOperation.GetJobStates => "get_job_states",
        ApiOperation.FinishJob => "finish_job",
        ApiOperation.Notify => "notify",
        ApiOperation.WhoAmI => "who_am_i",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "No such operation."),
    };

    /// <summary>The operation as the beginning of a sentence that goes on with "failed".</summary>
    internal static string Sentence(this ApiOperation operation) => operation switch
    {
        ApiOperation.Register => "Registering the stack with Buildkite",
        ApiOperation.Deregister => "Deregistering the stack from Buildkite",
        ApiOperation.ListScheduledJobs => "Listing Buildkite's scheduled jobs",
        ApiOperation.Reserve => "Reserving jobs at Buildkite",
        ApiOperation.IssueAcquisitionTokens => "Getting job acquisition tokens from Buildkite",
        ApiOperation.GetJob => "Reading a job from Buildkite",
        ApiOperation.GetJobStates => "Reading job states from Buildkite",
        ApiOperation.FinishJob => "Finishing a job at Buildkite",
        ApiOperation.Notify => "Sending job notifications to Buildkite",
        ApiOperation.WhoAmI => "Asking Buildkite about the agent token",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "No such operation."),
    };
}
