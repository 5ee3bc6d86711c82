using MacRunners.Simulator.Messages;

namespace MacRunners.Simulator.State;

/// <summary>What people and tests ask for: new jobs, a look at them, cancelling, pausing, numbers.</summary>
internal sealed partial class Cluster
{
    /// <summary>Adds a scheduled job and returns its id.</summary>
    public string AddJob(JobSpec spec)
    {
        lock (_gate)
        {
            var now = Settle();
            var id = spec.Id ?? Guid.NewGuid().ToString();
            if (_jobs.ContainsKey(id))
            {
                throw RefusedException.Invalid($"A job with the id \"{id}\" exists already");
            }

            var queueRule = spec.AgentQueryRules.FirstOrDefault(rule => rule.StartsWith(QueueTag, StringComparison.Ordinal));
            var queueKey = spec.Queue ?? queueRule?[QueueTag.Length..] ?? DefaultQueueKey;
            if (!_queues.ContainsKey(queueKey))
            {
                throw RefusedException.Invalid($"Queue \"{queueKey}\" does not exist; there are: {string.Join(", ", _queues.Keys)}");
            }

            if (queueRule is null && spec.Queue is not null)
            {
                spec = spec with { AgentQueryRules = [QueueTag + queueKey, .. spec.AgentQueryRules] };
            }
            else if (queueRule is not null && queueRule != QueueTag + queueKey)
            {
                throw RefusedException.Invalid($"The rule \"{queueRule}\" contradicts the queue \"{queueKey}\"");
            }

            var repo = spec.Repo ?? $"{Address}/git/{Git.DemoRepository.Name}";
            var job = new Job(id, ++_jobSequence, spec, queueKey, repo, FindOrAddBuild(spec.BuildId), _options.LogMaxSizeBytes, now);
            _jobs.Add(id, job);
            _openJobs.Add(job);
            return id;
        }
    }

    /// <summary>One job.</summary>
    public JobView ViewJob(string id)
    {
        lock (_gate)
        {
            Settle();
            return View(FindJob(id));
        }
    }

    /// <summary>All jobs in the order they were added.</summary>
    public JobView[] ViewJobs()
    {
        lock (_gate)
        {
            Settle();
            return [.. _jobs.Values.OrderBy(job => job.Sequence).Select(View)];
        }
    }

    /// <summary>Every acquisition token there ever was, with its job: for tests that look where one has got to.</summary>
    public (string Job, string Token)[] AcquisitionTokens()
    {
        lock (_gate)
        {
            return [.. _acquisitionTokens.Select(token => (token.Value.JobId, token.Key))];
        }
    }

    /// <summary>Cancels a job as the button on the build page does.</summary>
    public JobView Cancel(string id)
    {
        lock (_gate)
        {
            var now = Settle();
            var job = FindJob(id);
            job.Cancel(now);
            return View(job);
        }
    }

    /// <summary>Pauses or resumes a queue.</summary>
    public QueueControlView Pause(string queueKey, bool paused)
    {
        lock (_gate)
        {
            var queue = FindQueue(queueKey);
            queue.Paused = paused;
            return new QueueControlView(queue.Key, queue.Paused);
        }
    }

    /// <summary>All queues, the default one first.</summary>
    public QueueControlView[] Queues()
    {
        lock (_gate)
        {
            return [.. _options.Queues.Select(key => new QueueControlView(key, _queues[key].Paused))];
        }
    }

    /// <summary>Numbers of agents and jobs.</summary>
    public ClusterMetrics Metrics()
    {
        lock (_gate)
        {
            Settle();
            var agents = CountAgents(_agents);
            var jobs = CountJobs(_openJobs);
            return new ClusterMetrics(
                new AgentTotals(agents.Idle, agents.Busy, agents.Total, _queues.Keys.ToDictionary(key => key, AgentsOf)),
                new JobTotals(jobs.Scheduled, jobs.Running, jobs.Waiting, jobs.Total, _queues.Keys.ToDictionary(key => key, JobsOf)),
                new OrganizationReference(OrganizationSlug),
                new ClusterReference(ClusterName));
        }
    }

    /// <summary>Numbers of agents and jobs of one queue.</summary>
    public QueueMetrics Metrics(string queueKey)
    {
        lock (_gate)
        {
            Settle();
            FindQueue(queueKey);
            return new QueueMetrics(
                AgentsOf(queueKey), JobsOf(queueKey), new OrganizationReference(OrganizationSlug), new ClusterReference(ClusterName));
        }
    }

    private AgentCounts AgentsOf(string queueKey) => CountAgents(_agents.Where(agent => agent.QueueKey == queueKey));

    private JobCounts JobsOf(string queueKey) => CountJobs(_openJobs.Where(job => job.QueueKey == queueKey));

    private static AgentCounts CountAgents(IEnumerable<RegisteredAgent> agents)
    {
        var connected = agents.Where(agent => agent.Connected).ToList();
        var busy = connected.Count(agent => agent.Job is { } job && job.State.IsWithAgent());
        return new AgentCounts(connected.Count - busy, busy, connected.Count);
    }

    /// <summary>A reserved job has no agent yet and counts as scheduled. Nothing waits for a dependency here.</summary>
    private static JobCounts CountJobs(IEnumerable<Job> open)
    {
        var jobs = open.Where(job => !job.State.IsFinal()).ToList();
        var running = jobs.Count(job => job.State.IsWithAgent());
        return new JobCounts(jobs.Count - running, running, Waiting: 0, jobs.Count);
    }

    private Build FindOrAddBuild(string? id)
    {
        id ??= Guid.NewGuid().ToString();
        if (!_builds.TryGetValue(id, out var build))
        {
            _builds.Add(id, build = new Build(id, _builds.Count + 1));
        }

        return build;
    }

    private static JobView View(Job job)
    {
        var (log, complete) = job.Log.Assemble();
        return new JobView
        {
            Id = job.Id,
            State = job.State.Name(),
            Queue = job.QueueKey,
            Command = job.Spec.Command,
            BuildId = job.Build.Id,
            Priority = job.Spec.Priority,
            ExitStatus = job.ExitStatus,
            Signal = job.Signal,
            SignalReason = job.SignalReason,
            FinishDetail = job.FinishDetail,
            ReservedBy = job.Reservation?.StackKey,
            ReservedUntil = job.Reservation?.Until,
            Agent = job.Agent is { } agent ? View(agent) : null,
            ScheduledAt = job.ScheduledAt,
            StartedAt = job.StartedAt,
            FinishedAt = job.EndedAt,
            Log = log,
            LogComplete = complete && job.ChunksFailedCount == 0,
            ChunksFailedCount = job.ChunksFailedCount,
            Events = [.. job.Events],
            MetaData = new Dictionary<string, string>(job.Build.MetaData, StringComparer.Ordinal),
            Annotations = [.. job.Build.Annotations],
            Artifacts = [.. job.Build.Artifacts.Where(artifact => artifact.JobId == job.Id)],
        };
    }
}
