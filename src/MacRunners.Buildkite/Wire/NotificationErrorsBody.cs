namespace MacRunners.Buildkite;

/// <summary>Answer of <c>POST …/notifications</c>.</summary>
internal sealed record NotificationErrorsBody(List<NotificationErrorsBody.ErrorEntry?>? Errors = null)
{
    public IReadOnlyList<NotificationError> ToErrors() =>
        [.. (Errors ?? []).OfType<ErrorEntry>().Select(entry => new NotificationError(entry.Error ?? "", entry.Indexes ?? []))];

    internal sealed record ErrorEntry(string? Error = null, List<int>? Indexes = null);
}
