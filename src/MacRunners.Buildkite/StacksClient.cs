using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MacRunners.Buildkite;

/// <summary>The Stacks API over HTTP. Safe for concurrent use; one instance per stack shares the circuit breaker and the rate limits.</summary>
public sealed class StacksClient : IStacksClient, IDisposable
{
    private const int MaxJobsPerRequest = 1000;
    private const int MaxFinishDetailBytes = 4096;
    private const int MaxNotificationCharacters = 256;
    private static readonly TimeSpan ShortestTerm = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTerm = TimeSpan.FromHours(1);
    private static readonly StacksJson Json = StacksJson.Default;

    private readonly ApiTransport _transport;

    /// <summary>Makes a client with connections of its own, fit for production.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="tokens">Where the agent token comes from.</param>
    /// <param name="time">Clock of all waits and time limits.</param>
    /// <param name="observer">Told of every attempt; null for nobody.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public StacksClient(BuildkiteClientOptions options, IAgentTokenSource tokens, TimeProvider time, IApiObserver? observer = null)
        : this(options, tokens, time, observer, ApiConnections.Create(), ownsHandler: true, Random.Shared.NextDouble)
    {
    }

    /// <summary>Makes a client over connections of the caller's, which stay the caller's to dispose.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="tokens">Where the agent token comes from.</param>
    /// <param name="time">Clock of all waits and time limits.</param>
    /// <param name="observer">Told of every attempt; null for nobody.</param>
    /// <param name="handler">Sends the requests. It must not follow redirects.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public StacksClient(
        BuildkiteClientOptions options, IAgentTokenSource tokens, TimeProvider time, IApiObserver? observer, HttpMessageHandler handler)
        : this(options, tokens, time, observer, handler, ownsHandler: false, Random.Shared.NextDouble)
    {
    }

    /// <summary>As the public constructors, with the random part of the waits (0 to 1) in the caller's hand.</summary>
    internal StacksClient(
        BuildkiteClientOptions options,
        IAgentTokenSource tokens,
        TimeProvider time,
        IApiObserver? observer,
        HttpMessageHandler handler,
        bool ownsHandler,
        Func<double> jitter)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(time);
        options.Validate();
        _transport = new ApiTransport(options, tokens, handler, ownsHandler, time, observer, jitter);
    }

    /// <inheritdoc/>
    public async Task<Stack> RegisterAsync(StackRegistrationRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Validate();
        var body = new RegisterBody(request.Key, request.Type, request.QueueKey, request.Metadata);
        var stack = await _transport.SendAsync(
            new(ApiOperation.Register, HttpMethod.Post, "stacks/register", CallPolicy.Retried) { Body = Bytes(body, Json.RegisterBody) },
            Json.StackBody,
            cancellation);
        return stack.ToStack();
    }

    /// <inheritdoc/>
    public Task DeregisterAsync(string stackKey, CancellationToken cancellation) =>
        _transport.SendAsync(
            new(ApiOperation.Deregister, HttpMethod.Post, $"{Stack(stackKey)}/deregister", CallPolicy.Hasty) { DoneBefore = HttpStatusCode.NotFound },
            cancellation);

    /// <inheritdoc/>
    public async Task<ScheduledJobsPage> ListScheduledJobsAsync(
        string stackKey, string queueKey, int limit, string? after, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(queueKey);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxJobsPerRequest);
        var query = $"queue_key={Uri.EscapeDataString(queueKey)}&limit={limit.ToString(CultureInfo.InvariantCulture)}";
        if (after is not null)
        {
            query += $"&after={Uri.EscapeDataString(after)}";
        }

        var page = await _transport.SendAsync(
            new(ApiOperation.ListScheduledJobs, HttpMethod.Get, $"{Stack(stackKey)}/scheduled-jobs?{query}", CallPolicy.Once),
            Json.ScheduledJobsBody,
            cancellation);
        return page.ToPage();
    }

    /// <inheritdoc/>
    public async Task<Reservation> ReserveAsync(
        string stackKey, IReadOnlyCollection<Guid> jobs, TimeSpan expiry, CancellationToken cancellation)
    {
        RefuseTooMany(jobs);
        var body = new ReserveBody(WireText.FromJobIds(jobs), WholeSeconds(expiry));
        if (jobs.Count == 0)
        {
            return new Reservation([], []);
        }

        var reservation = await _transport.SendAsync(
            new(ApiOperation.Reserve, HttpMethod.Put, $"{Stack(stackKey)}/scheduled-jobs/batch-reserve", CallPolicy.Once)
            {
                Body = Bytes(body, Json.ReserveBody),
            },
            Json.ReservationBody,
            cancellation);
        return reservation.ToReservation(jobs);
    }

    /// <inheritdoc/>
    public async Task<AcquisitionTokens> IssueAcquisitionTokensAsync(
        string stackKey, IReadOnlyCollection<Guid> jobs, TimeSpan lifetime, CancellationToken cancellation)
    {
        RefuseTooMany(jobs);
        var body = new IssueTokensBody(WireText.FromJobIds(jobs), WholeSeconds(lifetime));
        if (jobs.Count == 0)
        {
            return new AcquisitionTokens([], []);
        }

        var tokens = await _transport.SendAsync(
            new(ApiOperation.IssueAcquisitionTokens, HttpMethod.Post, $"{Stack(stackKey)}/job-acquisition-tokens", CallPolicy.Retried)
            {
                Body = Bytes(body, Json.IssueTokensBody),
            },
            Json.IssuedTokensBody,
            cancellation);
        return tokens.ToTokens(jobs);
    }

    /// <inheritdoc/>
    public async Task<JobDetail> GetJobAsync(string stackKey, Guid job, CancellationToken cancellation)
    {
        var body = await _transport.SendAsync(
            new(ApiOperation.GetJob, HttpMethod.Get, $"{Stack(stackKey)}/jobs/{job:D}", CallPolicy.Retried),
            Json.JobBody,
            cancellation);
        return body.ToDetail();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<Guid, JobState>> GetJobStatesAsync(
        string stackKey, IReadOnlyCollection<Guid> jobs, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var path = $"{Stack(stackKey)}/jobs/get-states";
        var states = new Dictionary<Guid, JobState>(jobs.Count);
        foreach (var part in WireText.FromJobIds(jobs).Chunk(MaxJobsPerRequest))
        {
            var body = await _transport.SendAsync(
                new(ApiOperation.GetJobStates, HttpMethod.Post, path, CallPolicy.Retried) { Body = Bytes(new JobIdsBody(part), Json.JobIdsBody) },
                Json.JobStatesBody,
                cancellation);
            foreach (var (job, state) in body.ToStates())
            {
                states[job] = state;
            }
        }

        return states;
    }

    /// <inheritdoc/>
    public Task FinishJobAsync(string stackKey, Guid job, int exitStatus, string detail, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(detail);
        var body = new FinishBody(exitStatus, TextCrop.ToUtf8Bytes(detail, MaxFinishDetailBytes));
        return _transport.SendAsync(
            new(ApiOperation.FinishJob, HttpMethod.Post, $"{Stack(stackKey)}/jobs/{job:D}/finish", CallPolicy.Retried)
            {
                Body = Bytes(body, Json.FinishBody),
                DoneBefore = HttpStatusCode.UnprocessableEntity,
            },
            cancellation);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NotificationError>> NotifyAsync(
        string stackKey, IReadOnlyList<JobNotification> notifications, CancellationToken cancellation)
    {
        RefuseTooMany(notifications);
        if (notifications.Count == 0)
        {
            return [];
        }

        var body = new NotificationsBody(
            [.. notifications.Select(n => new NotificationsBody.NotificationEntry(n.JobId.ToString("D"), TextCrop.ToCharacters(n.Detail, MaxNotificationCharacters)))]);
        var errors = await _transport.SendAsync(
            new(ApiOperation.Notify, HttpMethod.Post, $"{Stack(stackKey)}/notifications", CallPolicy.Retried)
            {
                Body = Bytes(body, Json.NotificationsBody),
            },
            Json.NotificationErrorsBody,
            cancellation);
        return errors.ToErrors();
    }

    /// <inheritdoc/>
    public async Task<TokenInfo> WhoAmIAsync(CancellationToken cancellation)
    {
        var body = await _transport.SendAsync(
            new(ApiOperation.WhoAmI, HttpMethod.Get, "token", CallPolicy.Retried), Json.TokenBody, cancellation);
        return body.ToInfo();
    }

    /// <summary>Closes the client's own connections.</summary>
    public void Dispose() => _transport.Dispose();

    private static string Stack(string key) => $"stacks/{ApiPath.Segment(key)}";

    private static byte[] Bytes<T>(T body, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(body, type);

    private static void RefuseTooMany<T>(IReadOnlyCollection<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (items.Count > MaxJobsPerRequest)
        {
            throw new ArgumentException($"One request takes at most {MaxJobsPerRequest} entries, not {items.Count}.", nameof(items));
        }
    }

    private static int WholeSeconds(TimeSpan term)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(term, ShortestTerm);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(term, LongestTerm);
        return (int)Math.Ceiling(term.TotalSeconds);
    }
}
