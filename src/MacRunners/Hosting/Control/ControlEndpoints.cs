using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MacRunners.Hosting.Http;
using MacRunners.Isolation;
using MacRunners.Jobs;
using MacRunners.Platform;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace MacRunners.Hosting.Control;

/// <summary>Answers what root asks over the <see cref="ControlSocket"/>.</summary>
internal sealed class ControlEndpoints(StatusView view, Admission admission, Sweep sweep, Handover handover, PlannedRestart restart, AttacksWhileDrained attacks, TimeProvider time)
{
    /// <summary>The status.</summary>
    public const string Status = "/status";

    /// <summary>Take no jobs; query <see cref="Reason"/>.</summary>
    public const string Drain = "/drain";

    /// <summary>Take jobs again.</summary>
    public const string Resume = "/resume";

    /// <summary>Tear down what was left behind.</summary>
    public const string Sweep = "/sweep";

    /// <summary>End so that the service manager starts the daemon again; query <see cref="Patience"/>.</summary>
    public const string Restart = "/restart";

    /// <summary>Make attacks on the machine, which must be drained; query <see cref="Attack"/>, once for each, and <see cref="Quick"/>. The answer is a line for each.</summary>
    public const string Isolation = "/selftest/isolation";

    /// <summary>Id of an attack.</summary>
    public const string Attack = "attack";

    /// <summary>Whether little is made of what much is made of.</summary>
    public const string Quick = "quick";

    /// <summary>The operator's words.</summary>
    public const string Reason = "reason";

    /// <summary>Seconds.</summary>
    public const string Patience = "patience";

    /// <summary>Characters of the reason at the most.</summary>
    public const int LongestReason = 200;

    private static readonly TimeSpan TimeToTurn = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        try
        {
            await ((context.Request.Method, context.Request.Path.Value) switch
            {
                ("GET", Status) => AnswerStatusAsync(context),
                ("POST", Drain) => DrainAsync(context),
                ("POST", Resume) => ResumeAsync(context),
                ("POST", Sweep) => SweepAsync(context),
                ("POST", Restart) => RestartAsync(context),
                ("POST", Isolation) => AttackAsync(context),
                _ => RefuseAsync(context, StatusCodes.Status404NotFound, "This version of the daemon does not know that request."),
            });
        }
        catch (RefusedException e)
        {
            await RefuseAsync(context, StatusCodes.Status409Conflict, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or AccountDirectoryException && !context.Response.HasStarted)
        {
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, e.Message);
        }
    }

    private Task AnswerStatusAsync(HttpContext context) => WriteAsync(context, view.Status(), ControlJson.Readable.StatusDocument);

    private Task DrainAsync(HttpContext context)
    {
        var reason = context.Request.Query[Reason].ToString();
        if (reason.Length > LongestReason)
        {
            throw new RefusedException($"the reason has more than {LongestReason} characters");
        }

        admission.Close(reason.Length > 0 ? reason : "by an operator");
        return AnswerStatusAsync(context);
    }

    private async Task ResumeAsync(HttpContext context)
    {
        admission.Open();

        // The dispatcher looks at once; before it has, the answer would be about the time before.
        for (var asked = time.GetTimestamp(); !view.Ready().Ready && time.GetElapsedTime(asked) < TimeToTurn;)
        {
            await Task.Delay(Look, time, context.RequestAborted);
        }

        await AnswerStatusAsync(context);
    }

    private async Task SweepAsync(HttpContext context)
    {
        var result = await sweep.RunAsync(context.RequestAborted);
        await WriteAsync(context, new SweepDocument(result.DirtyBecause is null, result.DirtyBecause, result.TornDown), ControlJson.Readable.SweepDocument);
    }

    private async Task RestartAsync(HttpContext context)
    {
        if (!double.TryParse(context.Request.Query[Patience], NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) || seconds is not (>= 0 and <= 86400))
        {
            throw new RefusedException($"{Patience} is no number of seconds");
        }

        var jobs = await handover.PrepareAsync(TimeSpan.FromSeconds(seconds), context.RequestAborted);

        // Once the answer has left: the server closes the connection after it. From here on there is no way back.
        context.Response.Headers.Connection = "close";
        restart.EndProcessAfter(context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().ConnectionClosed);
        await WriteAsync(context, new RestartDocument(Environment.ProcessId, ProductVersion.Text, jobs), ControlJson.Readable.RestartDocument);
    }

    private async Task AttackAsync(HttpContext context)
    {
        var wanted = context.Request.Query[Attack];
        var made = attacks.RunAsync(
            [.. AttackCatalogue.All.Where(attack => wanted.Contains(attack.Id))],
            context.Request.Query.ContainsKey(Quick) ? AttackScale.Quick : AttackScale.Full,
            context.RequestAborted);
        await foreach (var result in made)
        {
            if (!context.Response.HasStarted)
            {
                // Only now: until the first one has ended, it may still be refused.
                context.Response.ContentType = "application/jsonl; charset=utf-8";
            }

            await context.Response.WriteAsync(JsonSerializer.Serialize(result, IsolationJson.Lines.AttackResult) + '\n', context.RequestAborted);
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        return WriteAsync(context, new ErrorDocument(why), ControlJson.Readable.ErrorDocument);
    }

    private static Task WriteAsync<T>(HttpContext context, T document, JsonTypeInfo<T> type)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(document, type);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
