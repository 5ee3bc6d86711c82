using System.Text.Json.Serialization;

namespace MacRunners.Simulator.Messages;

/// <summary>Everything the simulator writes as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(UtcTimestampConverter)])]
[JsonSerializable(typeof(StackView))]
[JsonSerializable(typeof(StackView[]))]
[JsonSerializable(typeof(ScheduledJobsPage))]
[JsonSerializable(typeof(ReserveResult))]
[JsonSerializable(typeof(IssueResult))]
[JsonSerializable(typeof(JobDetail))]
[JsonSerializable(typeof(JobStatesResult))]
[JsonSerializable(typeof(NotificationsResult))]
[JsonSerializable(typeof(RateLimited))]
[JsonSerializable(typeof(ErrorMessage))]
[JsonSerializable(typeof(Nothing))]
[JsonSerializable(typeof(AgentRegistered))]
[JsonSerializable(typeof(HeartbeatAnswer))]
[JsonSerializable(typeof(PingAnswer))]
[JsonSerializable(typeof(AcquiredJob))]
[JsonSerializable(typeof(JobStateAnswer))]
[JsonSerializable(typeof(TokenView))]
[JsonSerializable(typeof(MetaDataExists))]
[JsonSerializable(typeof(MetaDataEntry))]
[JsonSerializable(typeof(ArtifactBatch))]
[JsonSerializable(typeof(Artifact[]))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(ClusterMetrics))]
[JsonSerializable(typeof(QueueMetrics))]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(JobView[]))]
[JsonSerializable(typeof(AgentView[]))]
[JsonSerializable(typeof(Created))]
[JsonSerializable(typeof(QueueControlView))]
[JsonSerializable(typeof(QueueControlView[]))]
[JsonSerializable(typeof(FaultView[]))]
[JsonSerializable(typeof(RequestView[]))]
internal sealed partial class SimulatorJson : JsonSerializerContext;
