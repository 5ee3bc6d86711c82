using System.Text.Json;
using System.Text.Json.Nodes;
using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Orka;

/// <summary>Free-form JSON in and out.</summary>
internal static class JsonAnswer
{
    public static Task WriteAsync(HttpContext context, JsonNode body, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }

    public static async Task<JsonObject> ReadAsync(HttpContext context)
    {
        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject
                ?? throw RefusedException.Malformed("The body has to be a JSON object");
        }
        catch (JsonException exception)
        {
            throw RefusedException.Malformed($"The body is not JSON: {exception.Message}");
        }
    }

    /// <summary>An array of what is given.</summary>
    public static JsonArray Array(IEnumerable<JsonNode> nodes) => new([.. nodes]);

    /// <summary>A field that must be there.</summary>
    public static string Required(this JsonObject body, string field) =>
        (string?)body[field] is { Length: > 0 } text ? text : throw RefusedException.Invalid($"{field} is missing");

    /// <summary>Takes the named fields that are there.</summary>
    public static JsonObject Take(this JsonObject body, params string[] fields) =>
        new(fields.Where(field => body[field] is not null).Select(field => KeyValuePair.Create(field, body[field]?.DeepClone())));
}
