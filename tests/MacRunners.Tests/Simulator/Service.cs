using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Messages;
using MacRunners.Simulator.Serve;
using MacRunners.Simulator.State;
using Microsoft.Extensions.Time.Testing;

namespace MacRunners.Tests.Simulator;

/// <summary>The simulator on a real socket with a clock that stands still, and the calls that most tests begin with.</summary>
internal sealed class Service : IAsyncDisposable
{
    public const string ClusterToken = "bkct_test";
    public const string OtherClusterToken = "bkct_other";
    public const string StackKey = "stack-1";
    public const string OtherStackKey = "stack-2";
    private readonly SimulatorServer _server;
    private readonly HttpClient _http;

    private Service(SimulatorServer server, FakeTimeProvider time)
    {
        _server = server;
        Time = time;
        _http = new HttpClient { BaseAddress = server.Address };
    }

    public FakeTimeProvider Time { get; }

    public Cluster Cluster => _server.Cluster;

    public Uri Address => _server.Address;

    public static async Task<Service> StartAsync(Func<SimulatorOptions, SimulatorOptions>? configure = null)
    {
        var options = new SimulatorOptions { ClusterTokens = [ClusterToken, OtherClusterToken], Queues = ["main", "second"] };
        var time = new FakeTimeProvider();
        var server = await SimulatorServer.StartAsync(configure?.Invoke(options) ?? options, time, TestContext.Current.CancellationToken);
        return new Service(server, time);
    }

    /// <summary>A service with both stacks registered.</summary>
    public static async Task<Service> StartWithStacksAsync(Func<SimulatorOptions, SimulatorOptions>? configure = null)
    {
        var service = await StartAsync(configure);
        await service.RegisterStackAsync(StackKey);
        await service.RegisterStackAsync(OtherStackKey);
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), response.Headers);
    }

    /// <summary>Sends <paramref name="json"/>, or no body, to a path below the root.</summary>
    public async Task<Answer> CallAsync(string method, string path, string? token = null, string? json = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Token {token}");
        }

        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        return await SendAsync(request);
    }

    /// <summary>A call of a stack, with the agent token of the cluster.</summary>
    public Task<Answer> StackAsync(string method, string path, string? json = null, string stack = StackKey, string token = ClusterToken) =>
        CallAsync(method, $"/v3/stacks/{stack}/{path}", token, json);

    public Task<Answer> RegisterStackAsync(string key, string queue = "main") => CallAsync(
        "POST", "/v3/stacks/register", ClusterToken, $$$"""{"key":"{{{key}}}","type":"custom","queue_key":"{{{queue}}}","metadata":{}}""");

    public string AddJob(Func<JobSpec, JobSpec>? configure = null)
    {
        var spec = new JobSpec { Command = "true" };
        return Cluster.AddJob(configure?.Invoke(spec) ?? spec);
    }

    public Task<Answer> ReserveAsync(string id, int seconds = 900, string stack = StackKey, string token = ClusterToken) => StackAsync(
        "PUT",
        "scheduled-jobs/batch-reserve",
        $$"""{"job_uuids":["{{id}}"],"reservation_expiry_seconds":{{seconds}}}""",
        stack,
        token);

    public Task<Answer> IssueAsync(string id, int seconds = 900, string stack = StackKey) => StackAsync(
        "POST", "job-acquisition-tokens", $$"""{"job_uuids":["{{id}}"],"token_lifetime_seconds":{{seconds}}}""", stack);

    /// <summary>Reserves a job and gets its acquisition token.</summary>
    public async Task<string> AcquisitionTokenAsync(string id)
    {
        (await ReserveAsync(id)).Expect(HttpStatusCode.OK);
        var issued = (await IssueAsync(id)).Expect(HttpStatusCode.Created);
        return issued.Body!["job_acquisition_tokens"]![0]!["job_acquisition_token"]!.GetValue<string>();
    }

    public Task<Answer> RegisterAgentAsync(string token, string tags = "\"queue=main\"") => CallAsync(
        "POST",
        "/v3/register",
        token,
        $$"""
        {"name":"agent-1","hostname":"host","os":"linux","arch":"amd64","script_eval_enabled":true,"ignore_in_dispatches":true,
         "version":"3.87.0","build":"9999","meta_data":[{{tags}}],"pid":42,"features":[]}
        """);

    /// <summary>Registers and connects an agent; its session token.</summary>
    public async Task<string> SessionAsync(string registrationToken = ClusterToken)
    {
        var session = (await RegisterAgentAsync(registrationToken)).Expect(HttpStatusCode.OK).Text("access_token");
        (await CallAsync("POST", "/v3/connect", session)).Expect(HttpStatusCode.OK);
        return session;
    }

    /// <summary>Brings a new job to an agent; its id, the session and the job's token.</summary>
    public async Task<RunningJob> AcquireAsync(Func<JobSpec, JobSpec>? configure = null)
    {
        var id = AddJob(configure);
        var session = await SessionAsync();
        var acquired = (await CallAsync("PUT", $"/v3/jobs/{id}/acquire", session)).Expect(HttpStatusCode.OK);
        return new RunningJob(id, session, acquired.Text("token"));
    }

    /// <summary>Brings a new job to an agent and starts it.</summary>
    public async Task<RunningJob> StartJobAsync(Func<JobSpec, JobSpec>? configure = null)
    {
        var job = await AcquireAsync(configure);
        (await StartAsync(job)).Expect(HttpStatusCode.OK);
        return job;
    }

    public Task<Answer> StartAsync(RunningJob job) =>
        CallAsync("PUT", $"/v3/jobs/{job.Id}/start", job.Token, """{"started_at":"2000-01-01T00:00:00.123456789Z"}""");

    public Task<Answer> FinishAsync(RunningJob job, string exitStatus = "\"0\"", string extra = "") => CallAsync(
        "PUT",
        $"/v3/jobs/{job.Id}/finish",
        job.Token,
        $$"""{"exit_status":{{exitStatus}},"finished_at":"2000-01-01T00:00:01Z","chunks_failed_count":0{{extra}}}""");

    public Task<Answer> HeartbeatAsync(RunningJob job) =>
        CallAsync("POST", "/v3/heartbeat", job.Session, """{"sent_at":"2000-01-01T00:00:00Z"}""");

    /// <summary>Uploads a chunk; <paramref name="size"/> lies about its length if given.</summary>
    public async Task<Answer> ChunkAsync(RunningJob job, int sequence, long offset, string text, long? size = null)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionMode.Compress, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"/v3/jobs/{job.Id}/chunks?sequence={sequence}&offset={offset}&size={size ?? bytes.Length}");
        request.Headers.TryAddWithoutValidation("Authorization", $"Token {job.Token}");
        request.Content = new ByteArrayContent(zipped.ToArray());
        request.Content.Headers.ContentEncoding.Add("gzip");
        request.Content.Headers.ContentType = new("text/plain");
        return await SendAsync(request);
    }

    public JobView Job(string id) => Cluster.ViewJob(id);

    public string[] Events(string id) => [.. Job(id).Events.Select(happened => happened.Name)];
}

/// <summary>A job an agent has, with both credentials that may speak for it.</summary>
internal sealed record RunningJob(string Id, string Session, string Token);
