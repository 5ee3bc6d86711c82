using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MacRunners.Simulator.Faults;
using MacRunners.Simulator.Messages;
using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Api;

/// <summary>The Stacks API below <c>/v3/stacks</c>.</summary>
internal sealed partial class StacksRoutes(Cluster cluster, RateLimiter limiter, FaultList faults, Serve.SimulatorOptions options)
{
    private const string DefaultScope = "default";
    private const int DefaultLimit = 10;
    private const int KeyMaxBytes = 80;
    private const int MetadataMaxKeys = 100;
    private const int MetadataKeyMaxLength = 64;
    private const int MetadataValueMaxLength = 256;
    private const int PageMaximum = 1000;
    private const int PageDefault = 100;
    private const int NotificationsMaximum = 1000;
    private const int DetailMaxBytes = 4096;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TokenLifetimeDefault = TimeSpan.FromSeconds(900);
    private static readonly TimeSpan TokenLifetimeMaximum = TimeSpan.FromSeconds(3600);

    private delegate Task Handler(HttpContext context, string clusterToken, string stackKey);

    public void Map(IEndpointRouteBuilder routes)
    {
        var stack = routes.MapGroup("/v3/stacks/{key}");
        routes.MapPost("/v3/stacks/register", RegisterAsync);
        stack.MapPost("/deregister", Limited("deregister", DefaultScope, DefaultLimit, DeregisterAsync));
        stack.MapGet("/scheduled-jobs", Limited("scheduled-jobs", "list-scheduled-jobs", 10, ListAsync));
        stack.MapPut("/scheduled-jobs/batch-reserve", Limited("batch-reserve", "batch-reserve", 10, ReserveAsync));
        stack.MapPost("/job-acquisition-tokens", Limited("job-acquisition-tokens", DefaultScope, DefaultLimit, IssueAsync));
        stack.MapGet("/jobs/{job}", Limited("job", "show-job", 1000, DetailAsync));
        stack.MapPost("/jobs/get-states", Limited("get-states", "batch-load-job-states", 20, StatesAsync));
        stack.MapPost("/jobs/{job}/finish", Limited("finish", "finish-job", 100, FinishAsync));
        stack.MapPost("/notifications", Limited("notifications", "stack-notification", 200, NotifyAsync));
    }

    /// <summary>Checks in the service's order: who asks, how often, for which stack.</summary>
    private RequestDelegate Limited(string route, string scope, int limit, Handler handler) => async context =>
    {
        var token = cluster.RequireClusterToken(context.Token());
        var key = context.PathValue("key");
        if (!await TakeAsync(context, route, scope, limit, key))
        {
            return;
        }

        cluster.RequireStack(key);
        await handler(context, token, key);
    };

    private async Task<bool> TakeAsync(HttpContext context, string route, string scope, int limit, string stackKey)
    {
        var decision = limiter.Take(route, stackKey, limit);
        var headers = context.Response.Headers;
        headers["RateLimit-Scope"] = scope;
        headers["RateLimit-Limit"] = Number(limit);
        headers["RateLimit-Remaining"] = Number(decision.Remaining);
        headers["RateLimit-Reset"] = Number(decision.ResetSeconds);
        if (decision.Allowed)
        {
            return true;
        }

        headers.RetryAfter = Number(decision.ResetSeconds);
        await context.AnswerAsync(
            new RateLimited("Too many requests", scope, limit, decision.Current, decision.ResetSeconds),
            SimulatorJson.Default.RateLimited,
            StatusCodes.Status429TooManyRequests);
        return false;
    }

    private async Task RegisterAsync(HttpContext context)
    {
        cluster.RequireClusterToken(context.Token());
        var body = await RequestBody.ReadAsync(context);
        var key = body.Text("key");
        if (!await TakeAsync(context, "register", DefaultScope, DefaultLimit, key))
        {
            return;
        }

        if (!KeyPattern().IsMatch(key) || Encoding.UTF8.GetByteCount(key) > KeyMaxBytes)
        {
            throw RefusedException.Invalid($"key may have letters, digits, _ and -, at most {KeyMaxBytes} bytes");
        }

        var type = body.Text("type");
        if (type is not ("kubernetes" or "elastic" or "custom"))
        {
            throw RefusedException.Invalid("type has to be kubernetes, elastic or custom");
        }

        var metadata = body.StringMap("metadata");
        if (metadata.Count > MetadataMaxKeys
            || metadata.Any(entry => entry.Key.Length > MetadataKeyMaxLength || entry.Value.Length > MetadataValueMaxLength))
        {
            throw RefusedException.Invalid(
                $"metadata may have {MetadataMaxKeys} keys of {MetadataKeyMaxLength} characters with values of {MetadataValueMaxLength}");
        }

        var (stack, created) = cluster.RegisterStack(key, type, body.Text("queue_key"), metadata);
        await context.AnswerAsync(
            stack, SimulatorJson.Default.StackView, created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private Task DeregisterAsync(HttpContext context, string clusterToken, string stackKey)
    {
        cluster.DeregisterStack(stackKey);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private Task ListAsync(HttpContext context, string clusterToken, string stackKey)
    {
        var query = context.Request.Query;
        if (query["queue_key"] is not [{ Length: > 0 } queueKey])
        {
            throw RefusedException.Malformed("queue_key is missing");
        }

        var limit = PageDefault;
        if (query.TryGetValue("limit", out var text)
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > PageMaximum))
        {
            throw RefusedException.Malformed($"limit has to lie between 1 and {PageMaximum}");
        }

        var page = cluster.ListScheduled(stackKey, queueKey, limit, query["after"] is [{ } after] ? after : null);
        return context.AnswerAsync(page, SimulatorJson.Default.ScheduledJobsPage);
    }

    private async Task ReserveAsync(HttpContext context, string clusterToken, string stackKey)
    {
        var body = await RequestBody.ReadAsync(context);
        var length = body.OptionalSeconds("reservation_expiry_seconds", Shortest, options.ReservationMaximum);
        var result = cluster.Reserve(stackKey, clusterToken, body.JobUuids(), length);
        await context.AnswerAsync(result, SimulatorJson.Default.ReserveResult);
    }

    private async Task IssueAsync(HttpContext context, string clusterToken, string stackKey)
    {
        var body = await RequestBody.ReadAsync(context);
        var lifetime = body.OptionalSeconds("token_lifetime_seconds", Shortest, TokenLifetimeMaximum) ?? TokenLifetimeDefault;
        var result = cluster.IssueTokens(stackKey, clusterToken, body.JobUuids(), lifetime, faults.RefusesToken);
        await context.AnswerAsync(result, SimulatorJson.Default.IssueResult, StatusCodes.Status201Created);
    }

    private Task DetailAsync(HttpContext context, string clusterToken, string stackKey) =>
        context.AnswerAsync(cluster.Detail(stackKey, context.PathValue("job")), SimulatorJson.Default.JobDetail);

    private async Task StatesAsync(HttpContext context, string clusterToken, string stackKey)
    {
        var body = await RequestBody.ReadAsync(context);
        await context.AnswerAsync(cluster.States(stackKey, body.JobUuids()), SimulatorJson.Default.JobStatesResult);
    }

    private async Task FinishAsync(HttpContext context, string clusterToken, string stackKey)
    {
        var body = await RequestBody.ReadAsync(context);
        var detail = body.Text("detail");
        if (Encoding.UTF8.GetByteCount(detail) > DetailMaxBytes)
        {
            throw RefusedException.Invalid($"detail may have at most {DetailMaxBytes} bytes");
        }

        cluster.FinishByStack(stackKey, context.PathValue("job"), body.OptionalInt("exit_status") ?? Job.NoExitStatus, detail);
        await context.AnswerNothingAsync();
    }

    private async Task NotifyAsync(HttpContext context, string clusterToken, string stackKey)
    {
        var body = await RequestBody.ReadAsync(context);
        var notifications = body.Objects("notifications");
        if (notifications.Count > NotificationsMaximum)
        {
            throw RefusedException.Invalid($"notifications may have at most {NotificationsMaximum} entries");
        }

        var result = cluster.Notify(
            stackKey,
            [.. notifications.Select(entry => new Notification(
                entry.OptionalString("job_uuid"), entry.OptionalString("detail"), entry.OptionalString("timestamp")))]);
        await context.AnswerAsync(result, SimulatorJson.Default.NotificationsResult);
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^[A-Za-z0-9_-]+\z")]
    private static partial Regex KeyPattern();
}
