using System.Net;

namespace MacRunners.Tests.Simulator;

/// <summary>Each route takes its own kind of token and no other.</summary>
public class TokenKindTests
{
    public static TheoryData<string, string, string> Routes => new()
    {
        { "POST", "/v3/stacks/register", "registration" },
        { "POST", "/v3/stacks/stack-1/deregister", "registration" },
        { "GET", "/v3/stacks/stack-1/scheduled-jobs?queue_key=main", "registration" },
        { "PUT", "/v3/stacks/stack-1/scheduled-jobs/batch-reserve", "registration" },
        { "POST", "/v3/stacks/stack-1/job-acquisition-tokens", "registration" },
        { "GET", "/v3/stacks/stack-1/jobs/JOB", "registration" },
        { "POST", "/v3/stacks/stack-1/jobs/get-states", "registration" },
        { "POST", "/v3/stacks/stack-1/jobs/JOB/finish", "registration" },
        { "POST", "/v3/stacks/stack-1/notifications", "registration" },
        { "GET", "/v3/metrics", "registration" },
        { "GET", "/v3/metrics/queue?name=main", "registration" },
        { "GET", "/v3/token", "registration acquisition" },
        { "POST", "/v3/register", "registration acquisition" },
        { "POST", "/v3/connect", "session" },
        { "POST", "/v3/heartbeat", "session" },
        { "GET", "/v3/ping", "session" },
        { "POST", "/v3/disconnect", "session" },
        { "PUT", "/v3/jobs/JOB/acquire", "session" },
        { "PUT", "/v3/jobs/JOB/start", "session job" },
        { "GET", "/v3/jobs/JOB", "session job" },
        { "POST", "/v3/jobs/JOB/chunks", "session job" },
        { "PUT", "/v3/jobs/JOB/finish", "session job" },
        { "POST", "/v3/jobs/JOB/header_times", "session job" },
        { "POST", "/v3/jobs/JOB/data/exists", "session job" },
        { "POST", "/v3/jobs/JOB/data/set", "session job" },
        { "POST", "/v3/jobs/JOB/data/get", "session job" },
        { "POST", "/v3/jobs/JOB/data/keys", "session job" },
        { "POST", "/v3/builds/BUILD/data/keys", "session job" },
        { "POST", "/v3/jobs/JOB/annotations", "session job" },
        { "POST", "/v3/jobs/JOB/artifacts", "session job" },
        { "GET", "/v3/builds/BUILD/artifacts/search", "session job" },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Only_the_right_kind_is_let_in(string method, string path, string kinds)
    {
        await using var service = await Service.StartWithStacksAsync();
        var acquisition = await service.AcquisitionTokenAsync(service.AddJob());
        var job = await service.StartJobAsync();
        var other = await service.StartJobAsync();
        path = path.Replace("JOB", job.Id, StringComparison.Ordinal)
            .Replace("BUILD", service.Job(job.Id).BuildId, StringComparison.Ordinal);
        (string Kind, string? Token)[] tokens =
        [
            ("none", null),
            ("empty", ""),
            ("unknown", "bkct_unknown"),
            ("acquisition", acquisition),
            ("another job's", path.Contains(job.Id, StringComparison.Ordinal) ? other.Token : null),
            ("job", job.Token),
            ("session", job.Session),
            ("registration", Service.ClusterToken),
        ];

        foreach (var (kind, token) in tokens)
        {
            var answer = await service.CallAsync(method, path, token);
            var isLetIn = answer.Status != HttpStatusCode.Unauthorized;
            Assert.True(kinds.Split(' ').Contains(kind) == isLetIn, $"{kind} token: {answer.Status} {answer.Message}");
        }
    }

    [Fact]
    public async Task Another_scheme_is_no_token()
    {
        await using var service = await Service.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v3/token");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Service.ClusterToken}");

        (await service.SendAsync(request)).Expect(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Another_agents_session_does_not_speak_for_a_job()
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();
        var other = await service.StartJobAsync();

        (await service.CallAsync("GET", $"/v3/jobs/{job.Id}", other.Session)).Expect(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task After_disconnecting_neither_session_nor_job_token_is_worth_anything()
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();
        await service.FinishAsync(job);
        (await service.CallAsync("POST", "/v3/disconnect", job.Session)).Expect(HttpStatusCode.OK);

        (await service.CallAsync("GET", "/v3/ping", job.Session)).Expect(HttpStatusCode.Unauthorized);
        (await service.CallAsync("GET", $"/v3/jobs/{job.Id}", job.Token)).Expect(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_token_tells_whose_it_is()
    {
        await using var service = await Service.StartAsync();

        var view = (await service.CallAsync("GET", "/v3/token", Service.ClusterToken)).Expect(HttpStatusCode.OK);

        Assert.NotEmpty(view.Text("cluster_uuid"));
        Assert.Null(view.Body!["organization_queue_key"]);
    }
}
