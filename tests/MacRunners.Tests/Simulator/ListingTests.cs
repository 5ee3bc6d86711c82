using System.Net;

namespace MacRunners.Tests.Simulator;

public class ListingTests
{
    [Fact]
    public async Task Jobs_are_listed_oldest_first_whatever_their_priority()
    {
        await using var service = await Service.StartWithStacksAsync();
        var first = service.AddJob();
        service.Time.Advance(TimeSpan.FromSeconds(1));
        var second = service.AddJob(spec => spec with { Priority = 9, AgentQueryRules = ["xcode=16"], StepKey = "build" });

        var page = (await service.StackAsync("GET", "scheduled-jobs?queue_key=main")).Expect(HttpStatusCode.OK);

        var jobs = page.Body!["jobs"]!.AsArray();
        Assert.Equal([first, second], jobs.Select(job => job!["id"]!.GetValue<string>()));
        Assert.Equal(9, jobs[1]!["priority"]!.GetValue<int>());
        Assert.Equal("xcode=16", jobs[1]!["agent_query_rules"]![0]!.GetValue<string>());
        Assert.Equal("2000-01-01T00:00:01.000Z", jobs[1]!["scheduled_at"]!.GetValue<string>());
        Assert.Equal("build", jobs[1]!["step"]!["key"]!.GetValue<string>());
        Assert.Null(jobs[0]!["step"]!["key"]);
        Assert.NotNull(jobs[0]!["pipeline"]!["slug"]);
        Assert.Equal("main", jobs[0]!["build"]!["branch"]!.GetValue<string>());
    }

    [Fact]
    public async Task Only_the_jobs_of_the_queue_are_listed_and_any_queue_may_be_asked_for()
    {
        await using var service = await Service.StartWithStacksAsync();
        service.AddJob();
        var second = service.AddJob(spec => spec with { Queue = "second" });

        var page = await service.StackAsync("GET", "scheduled-jobs?queue_key=second");

        var job = Assert.Single(page.Body!["jobs"]!.AsArray());
        Assert.Equal(second, job!["id"]!.GetValue<string>());
        Assert.Equal("queue=second", job["agent_query_rules"]![0]!.GetValue<string>());
    }

    [Fact]
    public async Task Cursors_lead_through_all_pages_and_the_last_has_none()
    {
        await using var service = await Service.StartWithStacksAsync();
        var ids = Enumerable.Range(0, 5).Select(_ => service.AddJob()).ToArray();
        var seen = new List<string>();
        string? cursor = null;

        do
        {
            var after = cursor is null ? "" : $"&after={Uri.EscapeDataString(cursor)}";
            var page = (await service.StackAsync("GET", $"scheduled-jobs?queue_key=main&limit=2{after}")).Expect(HttpStatusCode.OK).Body!;
            seen.AddRange(page["jobs"]!.AsArray().Select(job => job!["id"]!.GetValue<string>()));
            cursor = page["page_info"]!["end_cursor"]?.GetValue<string>();
            Assert.Equal(cursor is not null, page["page_info"]!["has_next_page"]!.GetValue<bool>());
        }
        while (cursor is not null);

        Assert.Equal(ids, seen);
    }

    [Fact]
    public async Task A_job_reserved_between_two_pages_does_not_shift_the_second()
    {
        await using var service = await Service.StartWithStacksAsync();
        var ids = Enumerable.Range(0, 3).Select(_ => service.AddJob()).ToArray();
        var cursor = (await service.StackAsync("GET", "scheduled-jobs?queue_key=main&limit=2")).Body!["page_info"]!["end_cursor"]!;
        await service.ReserveAsync(ids[0]);

        var page = await service.StackAsync("GET", $"scheduled-jobs?queue_key=main&after={Uri.EscapeDataString(cursor.GetValue<string>())}");

        Assert.Equal(ids[2], Assert.Single(page.Body!["jobs"]!.AsArray())!["id"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("queue_key=none", HttpStatusCode.NotFound)]
    [InlineData("queue_key=__default__", HttpStatusCode.NotFound)]
    [InlineData("queue_key=main&limit=0", HttpStatusCode.BadRequest)]
    [InlineData("queue_key=main&limit=-1", HttpStatusCode.BadRequest)]
    [InlineData("queue_key=main&limit=1001", HttpStatusCode.BadRequest)]
    [InlineData("queue_key=main&limit=x", HttpStatusCode.BadRequest)]
    [InlineData("queue_key=main&limit=1000", HttpStatusCode.OK)]
    [InlineData("queue_key=main&after=bm9uc2Vuc2U=", HttpStatusCode.BadRequest)]
    [InlineData("queue_key=main&after=%00", HttpStatusCode.BadRequest)]
    public async Task Parameters_are_checked(string query, HttpStatusCode status)
    {
        await using var service = await Service.StartWithStacksAsync();

        (await service.StackAsync("GET", $"scheduled-jobs?{query}")).Expect(status);
    }

    [Fact]
    public async Task A_paused_queue_says_so_and_still_lists_its_jobs()
    {
        await using var service = await Service.StartWithStacksAsync();
        service.AddJob();

        (await service.CallAsync("POST", "/sim/queues/main", json: """{"paused":true}""")).Expect(HttpStatusCode.OK);
        var paused = (await service.StackAsync("GET", "scheduled-jobs?queue_key=main")).Body!;
        await service.CallAsync("POST", "/sim/queues/main", json: """{"paused":false}""");
        var resumed = (await service.StackAsync("GET", "scheduled-jobs?queue_key=main")).Body!;

        Assert.True(paused["cluster_queue"]!["dispatch_paused"]!.GetValue<bool>());
        Assert.Single(paused["jobs"]!.AsArray());
        Assert.False(resumed["cluster_queue"]!["dispatch_paused"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Details_and_states_tell_about_jobs()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob(spec => spec with { Command = "make", Env = new Dictionary<string, string> { ["A"] = "b" } });

        var detail = (await service.StackAsync("GET", $"jobs/{id}")).Expect(HttpStatusCode.OK);
        var states = await service.StackAsync("POST", "jobs/get-states", $$"""{"job_uuids":["{{id}}","{{Guid.NewGuid()}}"]}""");

        Assert.Equal("make", detail.Text("command"));
        Assert.Equal("b", detail.Body!["env"]!["A"]!.GetValue<string>());
        Assert.Equal($$$"""{"states":{"{{{id}}}":"scheduled"}}""", states.Body!.ToJsonString());
        (await service.StackAsync("GET", $"jobs/{Guid.NewGuid()}")).Expect(HttpStatusCode.NotFound);
    }
}
