namespace MacRunners.Buildkite;

/// <summary>
/// Request of <c>POST …/notifications</c>. No time is sent: the service refuses one in its future, and clocks differ.
/// </summary>
internal sealed record NotificationsBody(NotificationsBody.NotificationEntry[] Notifications)
{
    internal sealed record NotificationEntry(string JobUuid, string Detail);
}
