using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MacRunners.Health;
using MacRunners.Telemetry;

namespace MacRunners.Tests.Hosting;

public sealed class PagesTests
{
    [Fact]
    public async Task A_healthy_machine_answers_200_with_everything_that_was_agreed()
    {
        await using var pages = await Pages.StartAsync(Finding.Healthy("fine"));
        pages.Dispatcher.RunningJobs = [new RunningJob(Guid.NewGuid(), JobPhase.Run, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch)];
        var (status, health) = await JsonAsync(pages, "/health");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            ["status", "version", "host", "uptimeSeconds", "slots", "checks"],
            health.EnumerateObject().Select(property => property.Name));
        Assert.Equal("healthy", health.GetProperty("status").GetString());
        Assert.Equal((2, 1), (health.GetProperty("slots").GetProperty("total").GetInt32(), health.GetProperty("slots").GetProperty("busy").GetInt32()));
        var check = Assert.Single(health.GetProperty("checks").EnumerateArray());
        Assert.Equal(["name", "status", "since", "detail", "remedy"], check.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task A_degraded_machine_still_answers_200()
    {
        await using var pages = await Pages.StartAsync(Finding.Degraded("so so", "look"));
        var (status, health) = await JsonAsync(pages, "/health");
        Assert.Equal((HttpStatusCode.OK, "degraded"), (status, health.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task An_unhealthy_machine_answers_503_with_reason_and_remedy()
    {
        await using var pages = await Pages.StartAsync(Finding.Unhealthy("dirty", "recycle it"));
        var (status, health) = await JsonAsync(pages, "/health");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unhealthy"), (status, health.GetProperty("status").GetString()));
        var check = health.GetProperty("checks")[0];
        Assert.Equal(("dirty", "recycle it"), (check.GetProperty("detail").GetString(), check.GetProperty("remedy").GetString()));

        Assert.Equal(HttpStatusCode.OK, (await JsonAsync(pages, "/health/live")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await JsonAsync(pages, "/health/ready")).Status);
    }

    [Fact]
    public async Task Ready_means_a_job_would_be_taken_now()
    {
        await using var pages = await Pages.StartAsync(Finding.Healthy("fine"));
        Assert.Equal(HttpStatusCode.OK, (await JsonAsync(pages, "/health/ready")).Status);

        pages.Dispatcher.ReadyForJobs = false;
        pages.SelfTest.Problem = "the self-test has not passed yet";
        Assert.Equal("the self-test has not passed yet", (await JsonAsync(pages, "/health/ready")).Body.GetProperty("reason").GetString());

        pages.Dispatcher.State = DispatcherState.Paused;
        var (status, ready) = await JsonAsync(pages, "/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("paused", ready.GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("GET", "/nowhere", HttpStatusCode.NotFound)]
    [InlineData("GET", "/health/", HttpStatusCode.NotFound)]
    [InlineData("POST", "/health", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/metrics", HttpStatusCode.MethodNotAllowed)]
    public async Task What_does_not_exist_is_refused_in_json(string method, string path, HttpStatusCode expected)
    {
        await using var pages = await Pages.StartAsync(Finding.Healthy("fine"));
        using var answer = await pages.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), TestContext.Current.CancellationToken);
        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Head_gives_the_headers_of_get_and_no_body_and_the_server_does_not_name_itself()
    {
        await using var pages = await Pages.StartAsync(Finding.Healthy("fine"));
        using var answer = await pages.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/health"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Content.Headers.ContentLength > 100);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Empty(answer.Headers.Server);
    }

    [Fact]
    public async Task Huge_headers_are_refused()
    {
        await using var pages = await Pages.StartAsync(Finding.Healthy("fine"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.Add("X-Padding", new string('x', 9000));
        using var answer = await pages.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, answer.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_page_names_jobs_only_where_that_is_wanted(bool showJobs)
    {
        await using var pages = await Pages.StartAsync(Finding.Unhealthy("<b>bad</b>", "look"), showJobs);
        var (running, ended) = (Guid.NewGuid(), Guid.NewGuid());
        var now = TimeProvider.System.GetUtcNow();
        pages.Dispatcher.RunningJobs = [new RunningJob(running, JobPhase.Run, now, now)];
        pages.Dispatcher.RecentJobs = [new EndedJob(ended, JobOutcome.TimedOut, now, [new PhaseDuration(JobPhase.Run, TimeSpan.FromSeconds(3))])];
        using var answer = await pages.Client.GetAsync("/", TestContext.Current.CancellationToken);
        var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(new MediaTypeHeaderValue("text/html", "utf-8"), answer.Content.Headers.ContentType);
        Assert.Equal(showJobs, page.Contains($"{running:D}", StringComparison.Ordinal) && page.Contains($"{ended:D}", StringComparison.Ordinal));
        Assert.Contains("timed_out", page);
        Assert.DoesNotContain("<b>bad", page);
    }

    [Fact]
    public async Task The_metrics_page_shows_what_was_counted()
    {
        await using var pages = await Pages.StartAsync(Finding.Healthy("fine"));
        pages.Metrics.JobEnded(JobOutcome.Lost);
        Assert.Contains("macrunners_jobs_total{outcome=\"lost\"} 1\n", await pages.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken));
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> JsonAsync(Pages pages, string path)
    {
        using var answer = await pages.Client.GetAsync(path, TestContext.Current.CancellationToken);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (answer.StatusCode, document.RootElement.Clone());
    }
}
