using MacRunners.Buildkite;
using MacRunners.Simulator.Faults;
using MacRunners.Simulator.Serve;
using MacRunners.Simulator.State;
using JobState = MacRunners.Buildkite.JobState;

namespace MacRunners.Tests.Buildkite;

/// <summary>The client against the strict local Buildkite, which was written from the protocol and not from the client.</summary>
public sealed class SimulatorContractTests : IAsyncLifetime
{
    // Shorter than the limit of hasty calls, so that every attempt has this one and the clock can tell it from waits.
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(1.9);
    private static readonly TimeSpan FiveMinutes = TimeSpan.FromMinutes(5);
    private static readonly Dictionary<string, string> NoMetadata = [];

    private readonly EagerTime _time = new(AttemptLimit);
    private readonly HttpMessageHandler _handler = ApiConnections.Create();
    private SimulatorServer _buildkite = null!;
    private StacksClient _client = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _buildkite = await SimulatorServer.StartAsync(
            new SimulatorOptions { ClusterTokens = ["bkct_fixed"], Queues = ["mac", "other"], StackQuota = 2 }, _time, Stop);
        _client = Connect(new FixedToken());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _handler.Dispose();
        await _buildkite.DisposeAsync();
    }

    [Fact]
    public async Task A_job_is_listed_reserved_given_a_token_and_finished()
    {
        var stack = await _client.RegisterAsync(new StackRegistrationRequest("mac-1", StackRegistrationRequest.DefaultQueue, NoMetadata), Stop);
        var job = AddJob(new JobSpec { Command = "make", Priority = 7, AgentQueryRules = ["os=macos"], Env = new Dictionary<string, string> { ["A"] = "b" } });

        var page = await _client.ListScheduledJobsAsync("mac-1", stack.ClusterQueueKey, 10, null, Stop);
        var listed = Assert.Single(page.Jobs);
        Assert.Equal((job, 7), (listed.Id, listed.Priority));
        Assert.True(AgentRules.Match(listed.AgentQueryRules, TagSet.Parse(stack.ClusterQueueKey, true, ["os=macos"])));

        Assert.Equal([job], (await _client.ReserveAsync("mac-1", [job], FiveMinutes, Stop)).Reserved);
        Assert.Empty((await _client.ListScheduledJobsAsync("mac-1", "mac", 10, null, Stop)).Jobs);
        Assert.Equal(JobState.Reserved, (await _client.GetJobStatesAsync("mac-1", [job], Stop))[job]);
        var detail = await _client.GetJobAsync("mac-1", job, Stop);
        Assert.Equal(("make", "b"), (detail.Command, detail.Env["A"]));

        var token = Assert.Single((await _client.IssueAcquisitionTokensAsync("mac-1", [job], FiveMinutes, Stop)).Issued);
        Assert.Equal(job, token.JobId);
        Assert.Equal(_time.GetUtcNow() + FiveMinutes, token.ExpiresAt!.Value, TimeSpan.FromSeconds(1));
        Assert.Empty(await _client.NotifyAsync("mac-1", [new JobNotification(job, "Making an account.")], Stop));

        await _client.FinishJobAsync("mac-1", job, 0, "Nothing to run.", Stop);
        Assert.True((await _client.GetJobStatesAsync("mac-1", [job], Stop))[job].IsFinal);
        var view = _buildkite.Cluster.ViewJob(job.ToString());
        Assert.Equal((0, "Nothing to run."), (view.ExitStatus, view.FinishDetail));

        var again = await Assert.ThrowsAsync<BuildkiteApiException>(() => _client.FinishJobAsync("mac-1", job, -1, "Again.", Stop));
        Assert.Equal(ApiErrorKind.Invalid, again.Kind);
        await _client.DeregisterAsync("mac-1", Stop);
    }

    [Fact]
    public async Task A_finish_whose_answer_is_lost_succeeds_and_is_recorded_once()
    {
        await RegisterAsync("mac-1");
        var job = AddJob(new JobSpec { Command = "make" });
        await _client.ReserveAsync("mac-1", [job], FiveMinutes, Stop);
        _buildkite.Faults.Add(new FaultSpec { Route = "/stacks/*/jobs/*/finish", Reset = true, After = true, Count = 1 });

        await _client.FinishJobAsync("mac-1", job, -1, "No room.", Stop);

        Assert.Equal("No room.", _buildkite.Cluster.ViewJob(job.ToString()).FinishDetail);
    }

    [Fact]
    public async Task A_job_another_stack_holds_is_not_reserved_and_gets_no_token()
    {
        await RegisterAsync("mac-1");
        await RegisterAsync("mac-2");
        var job = AddJob(new JobSpec { Command = "make" });

        await _client.ReserveAsync("mac-1", [job], FiveMinutes, Stop);

        Assert.Equal([job], (await _client.ReserveAsync("mac-2", [job], FiveMinutes, Stop)).NotReserved);
        Assert.Equal([job], (await _client.IssueAcquisitionTokensAsync("mac-2", [job], FiveMinutes, Stop)).NotIssued);
    }

    [Fact]
    public async Task A_hostile_id_is_set_apart()
    {
        await RegisterAsync("mac-1");
        AddJob(new JobSpec { Command = "make" });
        _buildkite.Cluster.AddJob(new JobSpec { Command = "make", Id = "../../etc/passwd" });

        var page = await _client.ListScheduledJobsAsync("mac-1", "mac", 10, null, Stop);

        Assert.Single(page.Jobs);
        Assert.Equal(["../../etc/passwd"], page.Rejected);
    }

    [Fact]
    public async Task Pages_follow_the_cursor()
    {
        await RegisterAsync("mac-1");
        var jobs = Enumerable.Range(0, 3).Select(_ => AddJob(new JobSpec { Command = "make" })).ToList();

        var first = await _client.ListScheduledJobsAsync("mac-1", "mac", 2, null, Stop);
        var second = await _client.ListScheduledJobsAsync("mac-1", "mac", 2, first.EndCursor, Stop);

        Assert.Equal(jobs, first.Jobs.Concat(second.Jobs).Select(j => j.Id));
        Assert.Equal((true, false), (first.HasNextPage, second.HasNextPage));
    }

    [Fact]
    public async Task A_paused_queue_says_so_and_still_lists()
    {
        await RegisterAsync("mac-1");
        AddJob(new JobSpec { Command = "make" });
        _buildkite.Cluster.Pause("mac", true);

        var page = await _client.ListScheduledJobsAsync("mac-1", "mac", 10, null, Stop);

        Assert.True(page.DispatchPaused);
        Assert.Single(page.Jobs);
    }

    [Fact]
    public async Task Refusals_have_their_kinds()
    {
        var unknown = await Assert.ThrowsAsync<BuildkiteApiException>(() => _client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop));
        Assert.Equal(ApiErrorKind.NotFound, unknown.Kind);

        await RegisterAsync("mac-1");
        await RegisterAsync("mac-2");
        var full = await Assert.ThrowsAsync<BuildkiteApiException>(() => RegisterAsync("mac-3"));
        Assert.Equal(ApiErrorKind.Forbidden, full.Kind);

        using var stranger = Connect(new StrangeToken());
        var refused = await Assert.ThrowsAsync<BuildkiteApiException>(() => stranger.WhoAmIAsync(Stop));
        Assert.Equal(ApiErrorKind.Unauthorized, refused.Kind);
    }

    [Fact]
    public async Task The_token_is_known_and_belongs_to_a_cluster() => Assert.NotEmpty((await _client.WhoAmIAsync(Stop)).ClusterId!);

    [Fact]
    public async Task Polling_without_pause_never_exceeds_the_rate_limit()
    {
        await RegisterAsync("mac-1");

        for (var i = 0; i < 35; i++)
        {
            await _client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop);
        }

        Assert.Equal([1, 1, 1], _time.Waits);
    }

    [Fact]
    public async Task A_notification_about_an_unknown_job_is_reported_by_its_index()
    {
        await RegisterAsync("mac-1");
        var job = AddJob(new JobSpec { Command = "make" });

        var errors = await _client.NotifyAsync("mac-1", [new JobNotification(job, "x"), new JobNotification(Guid.NewGuid(), "y")], Stop);

        Assert.Equal([1], Assert.Single(errors).Indexes);
    }

    private StacksClient Connect(IAgentTokenSource tokens) => new(
        new BuildkiteClientOptions { Endpoint = _buildkite.Endpoint, RequestTimeout = AttemptLimit },
        tokens,
        _time,
        observer: null,
        _handler,
        ownsHandler: false,
        () => 0);

    private Task<MacRunners.Buildkite.Stack> RegisterAsync(string key) =>
        _client.RegisterAsync(new StackRegistrationRequest(key, "mac", NoMetadata), Stop);

    private Guid AddJob(JobSpec spec) => Guid.Parse(_buildkite.Cluster.AddJob(spec));

    private sealed class StrangeToken : IAgentTokenSource
    {
        public ValueTask<string> GetTokenAsync(CancellationToken cancellation) => ValueTask.FromResult("bkct_stranger");
    }
}
