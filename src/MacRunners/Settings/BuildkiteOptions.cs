using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MacRunners.Settings;

/// <summary>Section <c>Buildkite</c>: which queue of which organisation is served, and how.</summary>
internal sealed class BuildkiteOptions
{
    /// <summary>Base address of Buildkite's agent API.</summary>
    [Description("Base address of Buildkite's agent API; plain http is accepted for loopback addresses only")]
    public Uri Endpoint { get; set; } = new("https://agent.buildkite.com/v3");

    /// <summary>File that holds the cluster token.</summary>
    [Description("File that holds the cluster token (root-owned, mode 0600; read again when it changes). Alternative: BUILDKITE_AGENT_TOKEN in the daemon's environment")]
    public string? TokenFile { get; set; }

    /// <summary>Key of the queue.</summary>
    [Description("Key of the queue to serve")]
    [Required]
    [RegularExpression("^[A-Za-z0-9_-]{1,80}$", ErrorMessage = "use letters, digits, _ and -, at most 80")]
    public string Queue { get; set; } = "default";

    /// <summary>Tags of this machine.</summary>
    [Description("Tags (key=value) of this machine besides queue; a job is taken when all its agent rules match them. xcode=VERSION also names the DEVELOPER_DIR of jobs (macOS)")]
    public string[] Tags { get; set; } = [];

    /// <summary>Stack key; null: made from the host name.</summary>
    [Description("Key of this daemon's stack: unique in the organisation, the same over restarts. Default: macrunners-<host name>")]
    [RegularExpression("^[A-Za-z0-9_-]{1,80}$", ErrorMessage = "use letters, digits, _ and -, at most 80")]
    public string? StackKey { get; set; }

    /// <summary>Pause between polls while a slot is free.</summary>
    [Description("Pause between polls while a slot is free (±20 % jitter)")]
    [DurationRange("00:00:00.200", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Pause between polls while no slot is free.</summary>
    [Description("Pause between polls while no slot is free; polling keeps the queue connected")]
    [DurationRange("00:00:01", "00:04:00")]
    public TimeSpan BusyPollInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Time limit of one API call.</summary>
    [Description("Time limit of one API call")]
    [DurationRange("00:00:01", "00:02:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a job stays reserved for this daemon.</summary>
    [Description("How long a job stays reserved; renewed at half-time while the account is being made, so at least twice Jobs:StartDeadline")]
    [DurationRange("00:00:10", "01:00:00")]
    public TimeSpan Reservation { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Lifetime of a job acquisition token.</summary>
    [Description("Lifetime asked for a job's acquisition token")]
    [DurationRange("00:00:10", "01:00:00")]
    public TimeSpan AcquisitionTokenLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether an agent may get the agent token when Buildkite issues none for its job.</summary>
    [Description("Hand the agent token itself to the agent of a job for which Buildkite issues no acquisition token. Whoever gets hold of it can take other jobs of the cluster: use a scoped token of this one queue that may only run jobs, and buildkite-agent with mode 0711. See DEPLOYMENT.md, Tokens")]
    public bool AllowAgentTokenFallback { get; set; }
}
