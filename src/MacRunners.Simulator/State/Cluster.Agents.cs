using MacRunners.Simulator.Messages;

namespace MacRunners.Simulator.State;

/// <summary>Agent sessions: registration, signs of life, their end.</summary>
internal sealed partial class Cluster
{
    private const string QueueTag = "queue=";

    /// <summary>Registers an agent with an agent token of the cluster, or, once, with an acquisition token.</summary>
    public AgentRegistered RegisterAgent(string? token, AgentRegistration registration)
    {
        lock (_gate)
        {
            var now = Settle();
            var (clusterToken, acquisition) = RequireRegistrationToken(token, now);
            if (acquisition is { Used: true })
            {
                throw RefusedException.Unauthorized("This job acquisition token has already registered an agent");
            }

            var queueTags = registration.MetaData.Where(tag => tag.StartsWith(QueueTag, StringComparison.Ordinal)).ToList();
            var queueKey = queueTags is [var tag, ..] ? tag[QueueTag.Length..] : DefaultQueueKey;
            if (queueTags.Count > 1 || !_queues.ContainsKey(queueKey))
            {
                throw RefusedException.Invalid($"The queue \"{queueKey}\" does not exist in this cluster, or more than one was given");
            }

            var name = registration.Name.Replace("%hostname", registration.Hostname, StringComparison.Ordinal);
            var agent = new RegisteredAgent(registration, name, queueKey, clusterToken) { Acquisition = acquisition, LastSeen = now };
            if (acquisition is not null)
            {
                acquisition.Used = true;
            }

            var session = TokenMint.Session();
            _sessions.Add(session, agent);
            _agents.Add(agent);
            return new AgentRegistered(
                agent.Id,
                agent.Name,
                session,
                Endpoint: "",
                _options.PingIntervalSeconds,
                _options.JobStatusIntervalSeconds,
                _options.HeartbeatIntervalSeconds,
                registration.MetaData);
        }
    }

    /// <summary>Who a registration token belongs to.</summary>
    public TokenView Introspect(string? token)
    {
        lock (_gate)
        {
            var now = Settle();
            var (clusterToken, acquisition) = RequireRegistrationToken(token, now);
            return new TokenView(
                _clusterTokens[clusterToken],
                "Simulated",
                acquisition is null ? "cluster_agent_token" : "job_acquisition_token",
                OrganizationSlug,
                _organizationUuid,
                _clusterUuid,
                ClusterName,
                OrganizationQueueUuid: null,
                OrganizationQueueKey: null);
        }
    }

    public void Connect(string? session)
    {
        lock (_gate)
        {
            RequireSession(session, Settle()).Connected = true;
        }
    }

    /// <summary>Refuses a token that is not the session of a registered agent.</summary>
    public void RequireLiveSession(string? session)
    {
        lock (_gate)
        {
            RequireSession(session, Settle());
        }
    }

    public HeartbeatAnswer Heartbeat(string? session, string sentAt)
    {
        lock (_gate)
        {
            var now = Settle();
            RequireSession(session, now);
            return new HeartbeatAnswer(sentAt, now);
        }
    }

    /// <summary>Tells an agent that came for one job to leave, and any other that there is nothing to do.</summary>
    public PingAnswer Ping(string? session)
    {
        lock (_gate)
        {
            var agent = RequireSession(session, Settle());
            return new PingAnswer(agent.Registration.IgnoreInDispatches ? "disconnect" : "idle", Message: "", Endpoint: "");
        }
    }

    public void Disconnect(string? session)
    {
        lock (_gate)
        {
            var now = Settle();
            End(RequireSession(session, now), JobEvents.AgentDisconnected, now);
        }
    }

    /// <summary>The agents that are registered now, for the control surface.</summary>
    public AgentView[] Agents()
    {
        lock (_gate)
        {
            Settle();
            return [.. _agents.Select(View)];
        }
    }

    private (string ClusterToken, AcquisitionToken? Acquisition) RequireRegistrationToken(string? token, DateTimeOffset now)
    {
        if (token is not null && _clusterTokens.ContainsKey(token))
        {
            return (token, null);
        }

        if (token is not null
            && _acquisitionTokens.TryGetValue(token, out var acquisition)
            && now < acquisition.ExpiresAt
            && (acquisition.Used || IsHeldBy(acquisition.JobId, acquisition.StackKey)))
        {
            return (acquisition.ClusterToken, acquisition);
        }

        throw RefusedException.Unauthorized("Invalid access token: this route takes a registration token");
    }

    private bool IsHeldBy(string jobId, string stackKey) => _jobs[jobId].Reservation is { } held && held.StackKey == stackKey;

    /// <summary>The agent of a session, which thereby shows that it lives.</summary>
    private RegisteredAgent RequireSession(string? token, DateTimeOffset now)
    {
        if (token is null || !_sessions.TryGetValue(token, out var agent) || agent.Ended)
        {
            throw RefusedException.Unauthorized("Invalid access token: this route takes the session token of a registered agent");
        }

        agent.LastSeen = now;
        return agent;
    }

    private static void End(RegisteredAgent agent, string eventName, DateTimeOffset at)
    {
        agent.Ended = true;
        agent.Connected = false;
        if (agent.Job is { } job && job.State.IsWithAgent())
        {
            job.LoseAgent(eventName, at);
        }
    }

    private static AgentView View(RegisteredAgent agent) => new(
        agent.Id,
        agent.Name,
        agent.Registration.Hostname,
        agent.Registration.Version,
        agent.Registration.Pid,
        agent.QueueKey,
        agent.Registration.MetaData,
        agent.Acquisition is null ? "agent_token" : "job_acquisition_token",
        agent.Acquisition?.StackKey,
        agent.Connected,
        agent.LastSeen);
}
