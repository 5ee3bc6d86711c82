using System.Buffers.Text;
using System.Globalization;
using System.Text;
using MacRunners.Simulator.Messages;

namespace MacRunners.Simulator.State;

/// <summary>What stacks ask for.</summary>
internal sealed partial class Cluster
{
    private const string DefaultQueuePlaceholder = "__default__";
    private const string DefaultQueueLibraryPlaceholder = "_default";
    private const int NotificationsPerJob = 100;
    private const int NotificationMaxLength = 256;
    private static readonly TimeSpan NotificationsAfterEnd = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan ConnectedFor = TimeSpan.FromMinutes(5);

    /// <summary>Registers a stack, or updates the one with this key; the second value says whether it is new.</summary>
    public (StackView Stack, bool Created) RegisterStack(
        string key, string type, string queueKey, IReadOnlyDictionary<string, string> metadata)
    {
        lock (_gate)
        {
            var now = Settle();
            var queue = queueKey is DefaultQueuePlaceholder or DefaultQueueLibraryPlaceholder ? FindQueue(DefaultQueueKey) : FindQueue(queueKey);
            if (_stacks.TryGetValue(key, out var stack))
            {
                (stack.Type, stack.QueueKey, stack.Metadata, stack.LastContact) = (type, queue.Key, metadata, now);
                return (View(stack, now), false);
            }

            if (_stacks.Count >= _options.StackQuota)
            {
                throw RefusedException.Forbidden($"Your organization has reached its limit of {_options.StackQuota} stacks");
            }

            stack = new Stack(key) { Type = type, QueueKey = queue.Key, Metadata = metadata, LastContact = now };
            _stacks.Add(key, stack);
            return (View(stack, now), true);
        }
    }

    /// <summary>Removes a stack. What it has reserved stays reserved until it expires.</summary>
    public void DeregisterStack(string key)
    {
        lock (_gate)
        {
            Settle();
            _stacks.Remove(FindStack(key).Key);
        }
    }

    /// <summary>Refuses a stack nobody registered.</summary>
    public void RequireStack(string key)
    {
        lock (_gate)
        {
            FindStack(key);
        }
    }

    /// <summary>All stacks, for the control surface.</summary>
    public StackView[] Stacks()
    {
        lock (_gate)
        {
            var now = Settle();
            return [.. _stacks.Values.OrderBy(stack => stack.Key, StringComparer.Ordinal).Select(stack => View(stack, now))];
        }
    }

    /// <summary>A page of the scheduled jobs of a queue, oldest first.</summary>
    public ScheduledJobsPage ListScheduled(string stackKey, string queueKey, int limit, string? after)
    {
        lock (_gate)
        {
            var now = Settle();
            var stack = FindStack(stackKey);
            var queue = FindQueue(queueKey);
            (stack.LastPoll, stack.LastContact) = (now, now);
            var position = after is null ? default : ReadCursor(after);
            var found = _openJobs
                .Where(job => job.State == JobState.Scheduled && job.QueueKey == queue.Key)
                .Where(job => after is null || Position(job).CompareTo(position) > 0)
                .OrderBy(Position)
                .Take(limit + 1)
                .ToList();
            var hasMore = found.Count > limit;
            var page = found.Take(limit).ToList();
            return new ScheduledJobsPage(
                [.. page.Select(Offer)],
                new PageInfo(hasMore, hasMore ? WriteCursor(page[^1]) : null),
                new QueueView(queue.Id, queue.Paused));
        }
    }

    /// <summary>Reserves what is free and prolongs what this stack holds.</summary>
    public ReserveResult Reserve(string stackKey, string clusterToken, IReadOnlyList<string> ids, TimeSpan? length)
    {
        lock (_gate)
        {
            var now = Settle();
            FindStack(stackKey);
            var reservation = new Reservation(stackKey, clusterToken, now + (length ?? _options.ReservationDefault));
            var reserved = ids.Distinct(StringComparer.Ordinal)
                .ToLookup(id => _jobs.TryGetValue(id, out var job) && job.TryReserve(reservation, now));
            return new ReserveResult([.. reserved[true]], [.. reserved[false]]);
        }
    }

    /// <summary>Makes tokens for the jobs this stack holds, except those a test has told the server to refuse.</summary>
    public IssueResult IssueTokens(
        string stackKey, string clusterToken, IReadOnlyList<string> ids, TimeSpan lifetime, Func<string, bool> isRefused)
    {
        lock (_gate)
        {
            var now = Settle();
            FindStack(stackKey);
            var issued = new List<IssuedToken>();
            var refused = new List<string>();
            foreach (var id in ids.Distinct(StringComparer.Ordinal))
            {
                if (!_jobs.TryGetValue(id, out var job) || job.Reservation is not { } held || held.StackKey != stackKey || isRefused(id))
                {
                    refused.Add(id);
                    continue;
                }

                var expiry = now + lifetime < held.Until ? now + lifetime : held.Until;
                var token = TokenMint.Acquisition();
                _acquisitionTokens.Add(token, new AcquisitionToken(id, stackKey, clusterToken, expiry));
                issued.Add(new IssuedToken(id, token, expiry));
            }

            return new IssueResult(issued, refused);
        }
    }

    /// <summary>A job's environment and command.</summary>
    public JobDetail Detail(string stackKey, string id)
    {
        lock (_gate)
        {
            Settle();
            FindStack(stackKey);
            var job = FindJob(id);
            return new JobDetail(job.Id, JobEnvironment.Of(job, OrganizationSlug, PipelineSlug, Address), job.Spec.Command);
        }
    }

    /// <summary>States of the jobs that exist.</summary>
    public JobStatesResult States(string stackKey, IReadOnlyList<string> ids)
    {
        lock (_gate)
        {
            Settle();
            FindStack(stackKey);
            return new JobStatesResult(ids.Distinct(StringComparer.Ordinal)
                .Where(_jobs.ContainsKey)
                .ToDictionary(id => id, id => _jobs[id].State.Name(), StringComparer.Ordinal));
        }
    }

    /// <summary>Ends a job this stack holds and no agent has.</summary>
    public void FinishByStack(string stackKey, string id, int exitStatus, string detail)
    {
        lock (_gate)
        {
            var now = Settle();
            FindStack(stackKey);
            var job = FindJob(id);
            if (job.Reservation is { } held && held.StackKey != stackKey)
            {
                throw RefusedException.Invalid("Job is reserved by another stack");
            }

            job.FinishByStack(exitStatus, detail, now);
        }
    }

    /// <summary>Stores the notifications that are in order and reports the others.</summary>
    public NotificationsResult Notify(string stackKey, IReadOnlyList<Notification> notifications)
    {
        lock (_gate)
        {
            var now = Settle();
            FindStack(stackKey);
            var errors = new Dictionary<string, List<int>>(StringComparer.Ordinal);
            for (var index = 0; index < notifications.Count; index++)
            {
                if (TryNotify(notifications[index], now) is not { } error)
                {
                    continue;
                }

                if (!errors.TryGetValue(error, out var indexes))
                {
                    errors.Add(error, indexes = []);
                }

                indexes.Add(index);
            }

            return new NotificationsResult([.. errors.Select(error => new NotificationError(error.Key, error.Value))]);
        }
    }

    private string? TryNotify(Notification notification, DateTimeOffset now)
    {
        if (notification.JobUuid is null || !_jobs.TryGetValue(notification.JobUuid, out var job))
        {
            return "job not found";
        }

        if (notification.Detail is not { Length: > 0 and <= NotificationMaxLength } detail)
        {
            return $"detail must have 1 to {NotificationMaxLength} characters";
        }

        var at = now;
        if (notification.Timestamp is { } text && !UtcTimestampConverter.TryParse(text, out at))
        {
            return "timestamp is not an ISO 8601 time";
        }

        if (at > now)
        {
            return "timestamp lies in the future";
        }

        if (at < job.ScheduledAt)
        {
            return "timestamp lies before the creation of the job";
        }

        if (job.EndedAt is { } end && now - end > NotificationsAfterEnd)
        {
            return "job has finished too long ago";
        }

        if (job.NotificationCount >= NotificationsPerJob)
        {
            return $"job already has {NotificationsPerJob} notifications";
        }

        job.Notify(detail, at);
        return null;
    }

    private ScheduledJob Offer(Job job) => new(
        job.Id,
        job.Spec.Priority,
        job.Spec.AgentQueryRules,
        job.ScheduledAt,
        new PipelineReference(PipelineSlug, _pipelineUuid),
        Describe(job.Build, job),
        new StepReference(job.Spec.StepKey));

    private StackView View(Stack stack, DateTimeOffset now) => new(
        stack.Id,
        _organizationUuid,
        stack.Key,
        stack.Type,
        stack.QueueKey,
        stack.Metadata,
        stack.LastPoll,
        now - stack.LastContact <= ConnectedFor ? "connected" : "disconnected");

    private static (long Ticks, long Sequence) Position(Job job) => (job.ScheduledAt.UtcTicks, job.Sequence);

    private static string WriteCursor(Job last)
    {
        var (ticks, sequence) = Position(last);
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{ticks}:{sequence}")));
    }

    private static (long Ticks, long Sequence) ReadCursor(string cursor)
    {
        var buffer = new byte[Base64.GetMaxDecodedFromUtf8Length(cursor.Length) + 3];
        if (Convert.TryFromBase64String(cursor, buffer, out var length)
            && Encoding.UTF8.GetString(buffer, 0, length).Split(':') is [var ticks, var sequence]
            && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var parsedTicks)
            && long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var parsedSequence))
        {
            return (parsedTicks, parsedSequence);
        }

        throw RefusedException.Malformed("after is not a cursor of this service");
    }
}
