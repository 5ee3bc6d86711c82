namespace MacRunners.Buildkite;

/// <summary>
/// Buildkite's Stacks API: how a scheduler of our own learns of jobs, claims them and accounts for them. Every method throws
/// <see cref="BuildkiteApiException"/> when the service refuses or cannot be reached and <see cref="OperationCanceledException"/> when
/// the caller cancels. A <c>stackKey</c> belongs to exactly one process: the service takes a second claim under the same key for an
/// extension of the first.
/// </summary>
public interface IStacksClient
{
    /// <summary>Makes the stack known, or updates it; safe to repeat.</summary>
    /// <param name="request">Key, queue and metadata of the stack.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The stack; list with its <see cref="Stack.ClusterQueueKey"/>, which replaces a default-queue placeholder.</returns>
    /// <exception cref="ArgumentException">The request breaks a rule the service documents (key, metadata sizes).</exception>
    Task<Stack> RegisterAsync(StackRegistrationRequest request, CancellationToken cancellation);

    /// <summary>
    /// Gives the stack's place in the organisation's quota back. Meant for shutdown: short time limit, one retry. Reservations are not
    /// promised to be released by it.
    /// </summary>
    /// <param name="stackKey">The stack.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>A task that ends when the service has agreed.</returns>
    Task DeregisterAsync(string stackKey, CancellationToken cancellation);

    /// <summary>
    /// One page of the jobs that wait in a queue, oldest first (not by priority). One attempt only: the polling loop is the retry, and
    /// waits <see cref="BuildkiteApiException.RetryAfter"/> if set.
    /// </summary>
    /// <param name="stackKey">The stack that asks.</param>
    /// <param name="queueKey">Real key of the queue, as returned by <see cref="RegisterAsync"/>.</param>
    /// <param name="limit">Most jobs to return, 1–1000.</param>
    /// <param name="after"><see cref="ScheduledJobsPage.EndCursor"/> of the page before; null for the first page.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The page.</returns>
    Task<ScheduledJobsPage> ListScheduledJobsAsync(
        string stackKey, string queueKey, int limit, string? after, CancellationToken cancellation);

    /// <summary>
    /// Claims jobs for this stack, or extends claims it holds. One attempt only, as with listing. More than 1000 ids are refused rather
    /// than split: with half of the parts failed nobody could tell what is held.
    /// </summary>
    /// <param name="stackKey">The stack that claims.</param>
    /// <param name="jobs">At most 1000 jobs; none means no request.</param>
    /// <param name="expiry">How long the claim holds, 1 s to 1 h, rounded up to whole seconds.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>Each asked job in exactly one of the two lists; only those in <see cref="Reservation.Reserved"/> may be started.</returns>
    Task<Reservation> ReserveAsync(
        string stackKey, IReadOnlyCollection<Guid> jobs, TimeSpan expiry, CancellationToken cancellation);

    /// <summary>
    /// Issues, for jobs this stack has reserved, tokens that can register one agent for that one job. More than 1000 ids are refused.
    /// </summary>
    /// <param name="stackKey">The stack that holds the reservations.</param>
    /// <param name="jobs">At most 1000 jobs; none means no request.</param>
    /// <param name="lifetime">How long the tokens live, 1 s to 1 h, rounded up to whole seconds; a token dies with its reservation.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>Each asked job in exactly one of the two lists; a job in <see cref="AcquisitionTokens.NotIssued"/> must not be started.</returns>
    Task<AcquisitionTokens> IssueAcquisitionTokensAsync(
        string stackKey, IReadOnlyCollection<Guid> jobs, TimeSpan lifetime, CancellationToken cancellation);

    /// <summary>Environment and command of one job.</summary>
    /// <param name="stackKey">The stack that asks.</param>
    /// <param name="job">The job.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The job's detail; a job that is gone gives <see cref="ApiErrorKind.NotFound"/>.</returns>
    Task<JobDetail> GetJobAsync(string stackKey, Guid job, CancellationToken cancellation);

    /// <summary>States of any number of jobs. More than 1000 are asked for in several requests, which changes nothing for a reader.</summary>
    /// <param name="stackKey">The stack that asks.</param>
    /// <param name="jobs">The jobs; none means no request.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The states; jobs the service does not know are absent.</returns>
    Task<IReadOnlyDictionary<Guid, JobState>> GetJobStatesAsync(
        string stackKey, IReadOnlyCollection<Guid> jobs, CancellationToken cancellation);

    /// <summary>
    /// Ends a job that gets no agent. The service accepts this once per job: if an attempt's answer was lost, a retry is told "already
    /// finished" (422). That 422 counts as success exactly when an earlier attempt of the same call may have reached the service; a 422
    /// on the first attempt that did is an error (<see cref="ApiErrorKind.Invalid"/>).
    /// </summary>
    /// <param name="stackKey">The stack that holds the job.</param>
    /// <param name="job">The job.</param>
    /// <param name="exitStatus">Exit status to record; −1 for "no agent could run it". Always sent, also when 0.</param>
    /// <param name="detail">The reason, shown on the build page; cropped to 4096 bytes of UTF-8.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>A task that ends when the service has recorded it.</returns>
    Task FinishJobAsync(string stackKey, Guid job, int exitStatus, string detail, CancellationToken cancellation);

    /// <summary>
    /// Adds lines of progress to the jobs' pages. A retry after a lost answer may show a line twice, which is harmless.
    /// </summary>
    /// <param name="stackKey">The stack that holds the jobs.</param>
    /// <param name="notifications">At most 1000; details are cropped to 256 characters; none means no request.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>What was not accepted, by index into <paramref name="notifications"/>; the rest was stored.</returns>
    Task<IReadOnlyList<NotificationError>> NotifyAsync(
        string stackKey, IReadOnlyList<JobNotification> notifications, CancellationToken cancellation);

    /// <summary>
    /// What the token is: a start-up check. It belongs to routes without a compatibility promise, so its failure must not be fatal.
    /// </summary>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>What the service says about the token.</returns>
    Task<TokenInfo> WhoAmIAsync(CancellationToken cancellation);
}
