using System.Text.Json;
using System.Text.Json.Serialization;
using MacRunners.Accounts;
using MacRunners.Agent;
using MacRunners.Platform;

namespace MacRunners.Jobs.Journal;

/// <summary>
/// One line of the journal. Steps that change the machine write their intent before and their result after. Kinds and
/// fields are only ever added; what an older daemon does not know it keeps.
/// </summary>
/// <param name="At">When it was written, UTC.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(JournalHeader), "header")]
[JsonDerivedType(typeof(JobReserved), "jobReserved")]
[JsonDerivedType(typeof(AccountCreating), "accountCreating")]
[JsonDerivedType(typeof(NumberTaken), "numberTaken")]
[JsonDerivedType(typeof(AccountCreated), "accountCreated")]
[JsonDerivedType(typeof(AgentStarting), "agentStarting")]
[JsonDerivedType(typeof(AgentStarted), "agentStarted")]
[JsonDerivedType(typeof(AgentAcquired), "agentAcquired")]
[JsonDerivedType(typeof(AgentEnding), "agentEnding")]
[JsonDerivedType(typeof(AgentEnded), "agentEnded")]
[JsonDerivedType(typeof(StepStarting), "stepStarting")]
[JsonDerivedType(typeof(StepDone), "stepDone")]
[JsonDerivedType(typeof(JobSettled), "jobSettled")]
[JsonDerivedType(typeof(MachineDirty), "machineDirty")]
[JsonDerivedType(typeof(MachineClean), "machineClean")]
internal abstract record JournalEntry(DateTimeOffset At);

/// <summary>First line, and once more at every start of the daemon.</summary>
/// <param name="At">When.</param>
/// <param name="Version">Version of the format.</param>
/// <param name="BootId">The boot during which the following lines were written: process numbers mean nothing in another one.</param>
/// <param name="NextUid">Least number that was not given to an account since the counter began.</param>
/// <param name="Host">Name of the machine at the first start in this boot: what is known elsewhere under it must not change with it.</param>
internal sealed record JournalHeader(DateTimeOffset At, int Version, string BootId, uint NextUid, string? Host = null) : JournalEntry(At);

/// <summary>A line about one job.</summary>
internal abstract record JobEntry(DateTimeOffset At, Guid Job) : JournalEntry(At);

/// <summary>Buildkite keeps the job for this daemon.</summary>
/// <param name="At">When.</param>
/// <param name="Job">Which.</param>
/// <param name="IsAgain">It was reserved before, but the daemon was interrupted before an agent had it.</param>
internal sealed record JobReserved(DateTimeOffset At, Guid Job, bool IsAgain = false) : JobEntry(At, Job);

/// <summary>Intent; also takes the number out of use.</summary>
internal sealed record AccountCreating(DateTimeOffset At, Guid Job, string Name, uint Uid, uint Gid, string Home, bool OnVolume = false) : JobEntry(At, Job);

/// <summary>The number of the last intent belongs to somebody else: no account was made with it.</summary>
internal sealed record NumberTaken(DateTimeOffset At, Guid Job) : JobEntry(At, Job);

/// <summary>Account, group and home exist.</summary>
internal sealed record AccountCreated(DateTimeOffset At, Guid Job, Guid? GeneratedUid, HomeIdentity Home, Guid? VolumeId = null) : JobEntry(At, Job);

/// <summary>Intent.</summary>
internal sealed record AgentStarting(DateTimeOffset At, Guid Job) : JobEntry(At, Job);

/// <summary>The agent's process exists and waits to be let go.</summary>
/// <param name="At">When.</param>
/// <param name="Job">Whose.</param>
/// <param name="Process">Which.</param>
/// <param name="Clock">As <see cref="AgentRun.StartedAt"/>.</param>
internal sealed record AgentStarted(DateTimeOffset At, Guid Job, ProcessIdentity Process, long Clock) : JobEntry(At, Job);

/// <summary>Buildkite says that the agent has the job.</summary>
/// <param name="At">When.</param>
/// <param name="Job">Which.</param>
/// <param name="Clock">As <see cref="AgentRun.AcquiredAt"/>.</param>
internal sealed record AgentAcquired(DateTimeOffset At, Guid Job, long Clock) : JobEntry(At, Job);

/// <summary>Intent: the agent will be made to end.</summary>
/// <param name="At">When.</param>
/// <param name="Job">Whose.</param>
/// <param name="Cause">Why.</param>
/// <param name="Clock">As <see cref="AgentRun.EndingAt"/>.</param>
internal sealed record AgentEnding(DateTimeOffset At, Guid Job, AgentEndCause Cause, long Clock) : JobEntry(At, Job);

/// <summary>The agent's process has ended.</summary>
internal sealed record AgentEnded(DateTimeOffset At, Guid Job, int? ExitCode, AgentEndCause? Cause) : JobEntry(At, Job);

/// <summary>Intent of a teardown step that leads to <paramref name="Stage"/>.</summary>
internal sealed record StepStarting(DateTimeOffset At, Guid Job, JobStage Stage) : JobEntry(At, Job);

/// <summary>The job has reached <paramref name="Stage"/>.</summary>
internal sealed record StepDone(DateTimeOffset At, Guid Job, JobStage Stage) : JobEntry(At, Job);

/// <summary>What became of the job is known, Buildkite was told where it must be, and the report is written.</summary>
internal sealed record JobSettled(DateTimeOffset At, Guid Job) : JobEntry(At, Job);

/// <summary>No further job may run.</summary>
internal sealed record MachineDirty(DateTimeOffset At, Guid? Job, string Reason) : JournalEntry(At);

/// <summary>A complete teardown and its proof ended the dirty state.</summary>
internal sealed record MachineClean(DateTimeOffset At) : JournalEntry(At);

/// <summary>A sound line of a kind this version does not know; kept as it is.</summary>
internal sealed record UnknownEntry(string Json) : JournalEntry(DateTimeOffset.MinValue);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
