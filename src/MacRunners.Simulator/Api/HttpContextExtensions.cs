using System.Text.Json.Serialization.Metadata;
using MacRunners.Simulator.Messages;

namespace MacRunners.Simulator.Api;

/// <summary>Reading credentials and path values, writing answers.</summary>
internal static class HttpContextExtensions
{
    private const string Scheme = "Token ";

    /// <summary>The credential of <c>Authorization: Token …</c>; null for none or another scheme.</summary>
    public static string? Token(this HttpContext context) =>
        context.Request.Headers.Authorization is [{ } header] && header.StartsWith(Scheme, StringComparison.Ordinal)
            ? header[Scheme.Length..]
            : null;

    /// <summary>A value of the path. The one escape the server leaves in place is undone, so that hostile ids arrive as they are.</summary>
    public static string PathValue(this HttpContext context, string name) =>
        ((string)context.Request.RouteValues[name]!).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    /// <summary>Answers with JSON.</summary>
    public static Task AnswerAsync<T>(this HttpContext context, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(value, type, cancellationToken: context.RequestAborted);
    }

    /// <summary>Answers with an object without fields.</summary>
    public static Task AnswerNothingAsync(this HttpContext context, int status = StatusCodes.Status200OK) =>
        context.AnswerAsync(new Nothing(), SimulatorJson.Default.Nothing, status);

    /// <summary>Answers with a refusal.</summary>
    public static Task RefuseAsync(this HttpContext context, int status, string message) =>
        context.AnswerAsync(new ErrorMessage(message), SimulatorJson.Default.ErrorMessage, status);
}
