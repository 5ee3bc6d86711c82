using System.Globalization;
using System.Text.Json;
using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Api;

/// <summary>A JSON object of a request, read strictly: what is absent or of the wrong type is refused by name.</summary>
internal sealed class RequestBody(JsonElement root)
{
    private const int MaxUuids = 1000;

    /// <summary>Reads the body of a request.</summary>
    public static async Task<RequestBody> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw RefusedException.Malformed("The body has to be JSON, with Content-Type application/json");
        }

        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new RequestBody(document.RootElement.Clone())
                : throw RefusedException.Malformed("The body has to be a JSON object");
        }
        catch (JsonException exception)
        {
            throw RefusedException.Malformed($"The body is not JSON: {exception.Message}");
        }
    }

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Whether the field is a string.</summary>
    public bool IsString(string name) => Find(name)?.ValueKind == JsonValueKind.String;

    public string String(string name) => OptionalString(name) ?? throw RefusedException.Invalid($"{name} is missing");

    /// <summary>A string that is not empty.</summary>
    public string Text(string name) =>
        String(name) is { Length: > 0 } text ? text : throw RefusedException.Invalid($"{name} must not be empty");

    public string? OptionalString(string name) => Find(name) is { } value ? AsString(value, name) : null;

    public int? OptionalInt(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw RefusedException.Malformed($"{name} has to be an integer");

    public long Long(string name) => Find(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number)
        ? number
        : throw RefusedException.Malformed($"{name} has to be an integer");

    public double? OptionalDouble(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number
        : throw RefusedException.Malformed($"{name} has to be a number");

    public bool? OptionalBool(string name) => Find(name)?.ValueKind switch
    {
        null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw RefusedException.Malformed($"{name} has to be true or false"),
    };

    /// <summary>Whole seconds within bounds.</summary>
    public TimeSpan? OptionalSeconds(string name, TimeSpan minimum, TimeSpan maximum)
    {
        if (OptionalInt(name) is not { } seconds)
        {
            return null;
        }

        var length = TimeSpan.FromSeconds(seconds);
        return length >= minimum && length <= maximum
            ? length
            : throw RefusedException.Invalid(string.Create(
                CultureInfo.InvariantCulture, $"{name} has to lie between {minimum.TotalSeconds} and {maximum.TotalSeconds}"));
    }

    public IReadOnlyList<string> OptionalStrings(string name)
    {
        if (Find(name) is not { } value)
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(element => AsString(element, name))]
            : throw RefusedException.Malformed($"{name} has to be an array");
    }

    /// <summary>A flat object of strings.</summary>
    public IReadOnlyDictionary<string, string> StringMap(string name)
    {
        if (Find(name) is not { } value)
        {
            throw RefusedException.Invalid($"{name} is missing");
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw RefusedException.Malformed($"{name} has to be an object");
        }

        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            map[property.Name] = AsString(property.Value, $"{name}.{property.Name}");
        }

        return map;
    }

    /// <summary>The objects of an array.</summary>
    public IReadOnlyList<RequestBody> Objects(string name)
    {
        if (Find(name) is not { ValueKind: JsonValueKind.Array } value || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.Object))
        {
            throw RefusedException.Malformed($"{name} has to be an array of objects");
        }

        return [.. value.EnumerateArray().Select(item => new RequestBody(item))];
    }

    /// <summary>The field <c>job_uuids</c>: at most 1000 UUIDs.</summary>
    public IReadOnlyList<string> JobUuids()
    {
        if (Find("job_uuids") is not { ValueKind: JsonValueKind.Array })
        {
            throw RefusedException.Malformed("job_uuids has to be an array");
        }

        var ids = OptionalStrings("job_uuids");
        if (ids.Count > MaxUuids)
        {
            throw RefusedException.Invalid($"job_uuids may have at most {MaxUuids} entries");
        }

        return ids.FirstOrDefault(id => !Guid.TryParseExact(id, "D", out _)) is { } wrong
            ? throw RefusedException.Invalid($"job_uuids: \"{wrong}\" is not a UUID")
            : ids;
    }

    /// <summary>An ISO 8601 time, kept as the text it came as.</summary>
    public string Timestamp(string name) => String(name) is var text && Messages.UtcTimestampConverter.TryParse(text, out _)
        ? text
        : throw RefusedException.Invalid($"{name} is not an ISO 8601 time");

    private JsonElement? Find(string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string AsString(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw RefusedException.Malformed($"{name} has to be a string");
        }

        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw RefusedException.Malformed($"{name} is not valid Unicode");
        }
    }
}
