namespace MacRunners.Buildkite;

/// <summary>The calls there are; few enough to label metrics with.</summary>
public enum ApiOperation
{
    /// <summary>Register the stack.</summary>
    Register,

    /// <summary>Deregister the stack.</summary>
    Deregister,

    /// <summary>List waiting jobs.</summary>
    ListScheduledJobs,

    /// <summary>Reserve jobs.</summary>
    Reserve,

    /// <summary>Issue job acquisition tokens.</summary>
    IssueAcquisitionTokens,

    /// <summary>Read one job's detail.</summary>
    GetJob,

    /// <summary>Read the states of jobs.</summary>
    GetJobStates,

    /// <summary>Finish a job that got no agent.</summary>
    FinishJob,

    /// <summary>Notify about jobs.</summary>
    Notify,

    /// <summary>Ask what the token is.</summary>
    WhoAmI,
}
