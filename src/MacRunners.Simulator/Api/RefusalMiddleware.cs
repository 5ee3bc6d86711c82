using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Api;

/// <summary>Turns refusals and unknown routes into the service's error body.</summary>
internal static class RefusalMiddleware
{
    public static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (RefusedException refused)
        {
            await context.RefuseAsync(refused.Status, refused.Message);
            return;
        }
        catch (BadHttpRequestException bad)
        {
            await context.RefuseAsync(bad.StatusCode, bad.Message);
            return;
        }

        // A known path with another method is as unknown as any other.
        var isUnknown = context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed
            || (context.Response.StatusCode == StatusCodes.Status404NotFound && context.GetEndpoint() is null);
        if (isUnknown && !context.Response.HasStarted)
        {
            context.Response.Headers.Allow = default;
            await context.RefuseAsync(StatusCodes.Status404NotFound, $"No route {context.Request.Method} {context.Request.Path}");
        }
    }
}
