using System.Text.Json.Serialization;

namespace MacRunners.Buildkite;

/// <summary>
/// JSON of the Stacks API. Names are snake_case, unknown fields are skipped, and a part that is missing or null although its record does
/// not allow for it is an error.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RegisterBody))]
[JsonSerializable(typeof(StackBody))]
[JsonSerializable(typeof(ScheduledJobsBody))]
[JsonSerializable(typeof(ReserveBody))]
[JsonSerializable(typeof(ReservationBody))]
[JsonSerializable(typeof(IssueTokensBody))]
[JsonSerializable(typeof(IssuedTokensBody))]
[JsonSerializable(typeof(JobBody))]
[JsonSerializable(typeof(JobIdsBody))]
[JsonSerializable(typeof(JobStatesBody))]
[JsonSerializable(typeof(FinishBody))]
[JsonSerializable(typeof(NotificationsBody))]
[JsonSerializable(typeof(NotificationErrorsBody))]
[JsonSerializable(typeof(TokenBody))]
[JsonSerializable(typeof(ErrorBody))]
internal sealed partial class StacksJson : JsonSerializerContext;
