using System.Net;

namespace MacRunners.Tests.Simulator;

public class RateLimitTests
{
    public static TheoryData<string, string, string?, string, int> Routes => new()
    {
        { "GET", "scheduled-jobs?queue_key=main", null, "list-scheduled-jobs", 10 },
        { "PUT", "scheduled-jobs/batch-reserve", """{"job_uuids":[]}""", "batch-reserve", 10 },
        { "POST", "jobs/get-states", """{"job_uuids":[]}""", "batch-load-job-states", 20 },
        { "POST", "jobs/x/finish", """{"detail":"x"}""", "finish-job", 100 },
        { "POST", "notifications", """{"notifications":[]}""", "stack-notification", 200 },
        { "GET", "jobs/x", null, "show-job", 1000 },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_full_window_refuses_with_all_details(string method, string path, string? json, string scope, int limit)
    {
        await using var service = await Service.StartWithStacksAsync();
        for (var call = 1; call <= limit; call++)
        {
            var allowed = await service.StackAsync(method, path, json);
            Assert.NotEqual(HttpStatusCode.TooManyRequests, allowed.Status);
            Assert.Equal($"{limit - call}", allowed.Header("RateLimit-Remaining"));
        }

        var refused = (await service.StackAsync(method, path, json)).Expect(HttpStatusCode.TooManyRequests);

        Assert.Equal(scope, refused.Header("RateLimit-Scope"));
        Assert.Equal($"{limit}", refused.Header("RateLimit-Limit"));
        Assert.Equal("0", refused.Header("RateLimit-Remaining"));
        Assert.Equal("1", refused.Header("RateLimit-Reset"));
        Assert.Equal("1", refused.Header("Retry-After"));
        Assert.Equal(scope, refused.Text("scope"));
        Assert.Equal(limit, refused.Body!["limit"]!.GetValue<int>());
        Assert.Equal(limit + 1, refused.Body!["current"]!.GetValue<int>());
        Assert.Equal(1, refused.Body!["reset"]!.GetValue<int>());
        Assert.NotNull(refused.Message);
    }

    [Fact]
    public async Task The_window_slides()
    {
        await using var service = await Service.StartWithStacksAsync();
        await ListAsync(service, 5);
        service.Time.Advance(TimeSpan.FromMilliseconds(600));
        await ListAsync(service, 5);
        service.Time.Advance(TimeSpan.FromMilliseconds(400));

        await ListAsync(service, 5);
        (await ListOnceAsync(service)).Expect(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Each_stack_and_each_route_has_a_window_of_its_own()
    {
        await using var service = await Service.StartWithStacksAsync();
        await ListAsync(service, 10);

        (await ListOnceAsync(service, Service.OtherStackKey)).Expect(HttpStatusCode.OK);
        (await service.ReserveAsync(service.AddJob())).Expect(HttpStatusCode.OK);
        (await ListOnceAsync(service)).Expect(HttpStatusCode.TooManyRequests);
    }

    private static async Task ListAsync(Service service, int times)
    {
        for (var call = 0; call < times; call++)
        {
            (await ListOnceAsync(service)).Expect(HttpStatusCode.OK);
        }
    }

    private static Task<Answer> ListOnceAsync(Service service, string stack = Service.StackKey) =>
        service.StackAsync("GET", "scheduled-jobs?queue_key=main", stack: stack);
}
