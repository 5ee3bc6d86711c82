using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MacRunners.Settings;

/// <summary>
/// Section <c>Jobs</c>: how many at once, and every time limit of a job's life. Durations are written as <c>[d.]hh:mm:ss[.fff]</c>; default
/// and range stand at each.
/// </summary>
internal sealed class JobsOptions
{
    /// <summary>Jobs at the same time.</summary>
    [Description("Jobs at the same time")]
    [Range(1, 64)]
    public int Slots { get; set; } = 1;

    /// <summary>From the agent's start to the end of the job.</summary>
    [Description("Longest run of a job, from the agent's start")]
    [DurationRange("00:00:01", "7.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromHours(6);

    /// <summary>From a job's last output; zero for no such limit.</summary>
    [Description("Longest silence of a running job before it is cancelled; 00:00:00 for no limit. With a limit the job's output is also kept in the agent's log on this machine")]
    [DurationRange("00:00:00", "1.00:00:00")]
    public TimeSpan NoOutputTimeout { get; set; } = TimeSpan.Zero;

    /// <summary>From the agent's start until it has acquired the job.</summary>
    [Description("Time in which the agent must have acquired the job")]
    [DurationRange("00:00:01", "00:30:00")]
    public TimeSpan StartDeadline { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>From a cancel until the job's processes are killed by the agent.</summary>
    [Description("Time a cancelled job gets to end by itself")]
    [DurationRange("00:00:02", "00:30:00")]
    public TimeSpan CancelGrace { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>On top of <see cref="CancelGrace"/>, for the upload of the log.</summary>
    [Description("Time the agent gets after CancelGrace to upload the log and leave, before it is killed")]
    [DurationRange("00:00:01", "00:30:00")]
    public TimeSpan UploadGrace { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>From the agent's exit until its output pipe is abandoned.</summary>
    [Description("Time after the agent's exit until its output pipe is abandoned, whoever still holds it")]
    [DurationRange("00:00:00.100", "00:01:00")]
    public TimeSpan OutputGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Cap of the agent's own output per job, bytes.</summary>
    [Description("Most bytes of the agent's own output kept per job; the rest is counted and dropped")]
    [Range(4096, 1073741824)]
    public long MaxAgentOutputBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Pause between looks at the job's state before the agent has it.</summary>
    [Description("Pause between looks at a job's state until the agent has taken it")]
    [DurationRange("00:00:00.200", "00:01:00")]
    public TimeSpan StateCheckInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For killing every process of the job, part of <see cref="TeardownBudget"/>.</summary>
    [Description("Time in which every process of a job must be gone, else the machine is dirty")]
    [DurationRange("00:00:01", "00:10:00")]
    public TimeSpan KillBudget { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>From the agent's end to the proof that nothing of the job is left.</summary>
    [Description("Time from the agent's end to the proof that nothing is left; what is not gone by then makes the machine dirty. Steps that begin late still get DirectoryTimeout")]
    [DurationRange("00:00:10", "01:00:00")]
    public TimeSpan TeardownBudget { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>For one call of the system's directory service, such as one run of <c>dscl</c> or <c>useradd</c>; also its time to come up at boot.</summary>
    [Description("Time limit of one call of the system's directory service (dscl, useradd …)")]
    [DurationRange("00:00:01", "00:05:00")]
    public TimeSpan DirectoryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>From the beginning of a job's account, token or agent start until its owner is told what it waits for.</summary>
    [Description("Time after which a job whose account or agent is not ready yet says so on its page at Buildkite, once and then at most every minute")]
    [DurationRange("00:00:01", "00:10:00")]
    public TimeSpan NotifyAfter { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Between two self-tests of an idle machine; zero for the one at the start only.</summary>
    [Description("Pause between self-tests of the idle machine (an account, a program in it, a teardown); 00:00:00 for the one after the start and those after failures only")]
    [DurationRange("00:00:00", "7.00:00:00")]
    public TimeSpan CanaryInterval { get; set; } = TimeSpan.FromDays(1);
}
