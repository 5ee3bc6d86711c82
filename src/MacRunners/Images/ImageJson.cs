using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MacRunners.Images;

/// <summary>How reports are written.</summary>
[JsonSerializable(typeof(ImageReport))]
internal sealed partial class ImageJson : JsonSerializerContext
{
    /// <summary>Readable in terminals.</summary>
    public static ImageJson Readable { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<ProbeStatus>(JsonNamingPolicy.CamelCase) },
    });
}
