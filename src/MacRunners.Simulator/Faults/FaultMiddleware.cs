using System.Globalization;
using MacRunners.Simulator.Api;

namespace MacRunners.Simulator.Faults;

/// <summary>Lets faults strike before, or instead of, the real answer. The control surface itself is spared.</summary>
internal sealed class FaultMiddleware(FaultList faults, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var fault = context.Request.Path.StartsWithSegments("/sim")
            ? null
            : faults.Strike(context.Request.Method, context.Request.Path.Value ?? "");
        if (fault is null)
        {
            await next(context);
            return;
        }

        if (fault.DelayMs is { } delay)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(delay), time, context.RequestAborted);
        }

        if (fault.Reset)
        {
            await CutAsync(context, next, fault.After);
        }
        else if (fault.Status is not null || fault.Body is not null)
        {
            await AnswerAsync(context, fault);
        }
        else
        {
            await next(context);
        }
    }

    private static async Task CutAsync(HttpContext context, RequestDelegate next, bool after)
    {
        if (after)
        {
            context.Response.Body = Stream.Null;
            await next(context);
        }

        context.Abort();
    }

    private static async Task AnswerAsync(HttpContext context, FaultSpec fault)
    {
        var status = fault.Status ?? StatusCodes.Status200OK;
        if (fault.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (fault.Body is { } body)
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(body, context.RequestAborted);
            return;
        }

        await context.RefuseAsync(status, "Injected fault");
    }
}
