using MacRunners.Buildkite;
using MacRunners.Jobs.Journal;
using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Jobs;

/// <summary>
/// Jobs straight from Buildkite's Stacks API: this daemon is a stack of its own. Buildkite lists the longest waiting
/// first, and pages are read only until one has a fitting job, so priority decides among the jobs of a page (at least
/// <see cref="LeastPage"/>), not of a whole backlog.
/// </summary>
internal sealed partial class StacksJobSource : IJobSource
{
    // Enough to see past jobs that do not fit this machine.
    private const int LeastPage = 50;
    private const int PagePerSlot = 10;
    private const int LargestPage = 1000;
    private const int MaxPages = 20;
    private const int MaxReported = 1000;

    private readonly IStacksClient _client;
    private readonly BuildkiteOptions _options;
    private readonly string _platform;
    private readonly ILogger<StacksJobSource> _logger;
    private readonly string _key;
    private readonly HashSet<string> _reported = [];
    private string _queue;
    private TagSet _tags;

    /// <summary>Nothing is sent yet.</summary>
    public StacksJobSource(IStacksClient client, IOptions<BuildkiteOptions> options, JournalFile journal, Platform.IPlatform platform, ILogger<StacksJobSource> logger)
    {
        _client = client;
        _options = options.Value;
        _platform = platform.Name;
        _logger = logger;
        _key = _options.StackKey ?? DefaultStackKey(journal.Host);
        _queue = _options.Queue;
        _tags = TagSet.Parse(_queue, queueIsDefault: false, _options.Tags);
    }

    /// <summary>The key of a machine that has none configured: its host name in the alphabet of keys.</summary>
    public static string DefaultStackKey(string host)
    {
        var name = string.Concat(host.Split('.')[0].Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-'));
        return $"macrunners-{name[..Math.Min(name.Length, 60)]}";
    }

    /// <inheritdoc/>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var metadata = new Dictionary<string, string> { ["host"] = Environment.MachineName, ["platform"] = _platform };
        var stack = await _client.RegisterAsync(new StackRegistrationRequest(_key, _options.Queue, metadata), cancellationToken);
        _queue = stack.ClusterQueueKey;
        _tags = TagSet.Parse(_queue, queueIsDefault: _queue != _options.Queue, _options.Tags);
        Registered(_logger, _key, _queue);
    }

    /// <inheritdoc/>
    public Task DisconnectAsync(CancellationToken cancellationToken) => _client.DeregisterAsync(_key, cancellationToken);

    /// <inheritdoc/>
    public async Task<JobOffers> FindAsync(int slots, CancellationToken cancellationToken)
    {
        var limit = slots == 0 ? 1 : Math.Clamp(PagePerSlot * slots, LeastPage, LargestPage);
        var fitting = new List<ScheduledJob>();
        string? cursor = null;
        for (var pages = 0; pages < MaxPages; pages++)
        {
            var page = await _client.ListScheduledJobsAsync(_key, _queue, limit, cursor, cancellationToken);
            ReportRejected(page.Rejected);

            fitting.AddRange(page.Jobs.Where(job => AgentRules.Match(job.AgentQueryRules, _tags)));
            if (slots == 0 || fitting.Count > 0 || page.DispatchPaused || !page.HasNextPage || page.EndCursor is null)
            {
                return new JobOffers(fitting, page.DispatchPaused);
            }

            cursor = page.EndCursor;
        }

        return new JobOffers(fitting, false);
    }

    // Such a job is listed at every poll; once is enough.
    private void ReportRejected(IReadOnlyList<string> ids)
    {
        foreach (var id in ids)
        {
            if (_reported.Count < MaxReported && _reported.Add(id))
            {
                NotAUuid(_logger, id);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyCollection<Guid>> ReserveAsync(IReadOnlyCollection<Guid> jobs, CancellationToken cancellationToken) =>
        (await _client.ReserveAsync(_key, jobs, _options.Reservation, cancellationToken)).Reserved;

    /// <inheritdoc/>
    public async Task<string?> IssueTokenAsync(Guid job, CancellationToken cancellationToken)
    {
        var tokens = await _client.IssueAcquisitionTokensAsync(_key, [job], _options.AcquisitionTokenLifetime, cancellationToken);
        return tokens.Issued.FirstOrDefault(token => token.JobId == job)?.Token;
    }

    /// <inheritdoc/>
    public async Task<JobState?> GetStateAsync(Guid job, CancellationToken cancellationToken) =>
        (await _client.GetJobStatesAsync(_key, [job], cancellationToken)).TryGetValue(job, out var state) ? state : null;

    /// <inheritdoc/>
    public async Task NotifyAsync(Guid job, string text, CancellationToken cancellationToken)
    {
        foreach (var error in await _client.NotifyAsync(_key, [new JobNotification(job, text)], cancellationToken))
        {
            NotShown(_logger, text, error.Error);
        }
    }

    /// <inheritdoc/>
    public Task FailAsync(Guid job, string reason, CancellationToken cancellationToken) =>
        _client.FinishJobAsync(_key, job, -1, reason, cancellationToken);

    [LoggerMessage(1301, LogLevel.Information, "Registered at Buildkite as stack {Key} for queue {Queue}")]
    private static partial void Registered(ILogger logger, string key, string queue);

    [LoggerMessage(1303, LogLevel.Warning, "Buildkite does not show '{Text}' on the job's page: {Why}")]
    private static partial void NotShown(ILogger logger, string text, string why);

    [LoggerMessage(1302, LogLevel.Error, "Buildkite listed a job whose id '{Id}' is no UUID; it is not touched. Report it to Buildkite's support")]
    private static partial void NotAUuid(ILogger logger, string id);
}
