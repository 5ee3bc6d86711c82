using MacRunners.Simulator.Messages;
using MacRunners.Simulator.Serve;

namespace MacRunners.Simulator.State;

/// <summary>
/// All state of the simulated organisation and its one cluster, behind one lock. What time brings about (reservations run out, agents are
/// lost, jobs exceed their limit) is settled at the start of every operation, with the time at which it was due: no timer, no race.
/// </summary>
internal sealed partial class Cluster
{
    private const string OrganizationSlug = "acme";
    private const string PipelineSlug = "demo";
    private const string ClusterName = "simulated";

    private readonly Lock _gate = new();
    private readonly SimulatorOptions _options;
    private readonly TimeProvider _time;
    private readonly string _organizationUuid = Guid.NewGuid().ToString();
    private readonly string _clusterUuid = Guid.NewGuid().ToString();
    private readonly string _pipelineUuid = Guid.NewGuid().ToString();
    private readonly Dictionary<string, ClusterQueue> _queues;
    private readonly Dictionary<string, Stack> _stacks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Job> _jobs = new(StringComparer.Ordinal);
    private readonly List<Job> _openJobs = [];
    private readonly Dictionary<string, Build> _builds = new(StringComparer.Ordinal);
    private readonly List<RegisteredAgent> _agents = [];
    private readonly Dictionary<string, string> _clusterTokens;
    private readonly Dictionary<string, AcquisitionToken> _acquisitionTokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RegisteredAgent> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Job> _jobTokens = new(StringComparer.Ordinal);
    private long _jobSequence;

    public Cluster(SimulatorOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _queues = options.Queues.ToDictionary(key => key, key => new ClusterQueue(key), StringComparer.Ordinal);
        _clusterTokens = options.ClusterTokens.ToDictionary(token => token, _ => Guid.NewGuid().ToString(), StringComparer.Ordinal);
    }

    /// <summary>Root address of this server, without a trailing slash. Set once it is known, before any request.</summary>
    public string Address { get; set; } = "";

    private string DefaultQueueKey => _options.Queues[0];

    /// <summary>Refuses anything but an agent token of the cluster.</summary>
    public string RequireClusterToken(string? token) =>
        token is not null && _clusterTokens.ContainsKey(token)
            ? token
            : throw RefusedException.Unauthorized("Invalid access token: this route takes an agent token of the cluster");

    /// <summary>Catches up with the clock.</summary>
    private DateTimeOffset Settle()
    {
        var now = _time.GetUtcNow();
        foreach (var job in _openJobs)
        {
            if (job.Reservation is { } reservation && reservation.Until <= now)
            {
                job.ExpireReservation();
            }

            if (job.TimesOutAt is { } due && due <= now && (job.Agent is not { } agent || due <= LostAt(agent)))
            {
                job.TimeOut(due);
            }
        }

        foreach (var agent in _agents)
        {
            if (!agent.Ended && LostAt(agent) <= now)
            {
                End(agent, JobEvents.AgentLost, LostAt(agent));
            }
        }

        _openJobs.RemoveAll(job => job.State.IsFinal());
        _agents.RemoveAll(agent => agent.Ended);
        return now;
    }

    private DateTimeOffset LostAt(RegisteredAgent agent) => agent.LastSeen + _options.LostAgentAfter;

    private Stack FindStack(string key) =>
        _stacks.TryGetValue(key, out var stack) ? stack : throw RefusedException.NotFound($"Stack \"{key}\" not found: register it first");

    private ClusterQueue FindQueue(string key) =>
        _queues.TryGetValue(key, out var queue) ? queue : throw RefusedException.NotFound($"Queue \"{key}\" not found");

    private Job FindJob(string id) =>
        _jobs.TryGetValue(id, out var job) ? job : throw RefusedException.NotFound($"Job \"{id}\" not found");

    private static BuildReference Describe(Build build, Job job) => new(build.Number, JobEnvironment.Branch(job), build.Id);
}
