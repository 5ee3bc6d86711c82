using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MacRunners.Images;

/// <summary>How manifests are read and reports are written.</summary>
[JsonSerializable(typeof(SoftwareManifest))]
[JsonSerializable(typeof(ImageReport))]
internal sealed partial class ImageJson : JsonSerializerContext
{
    /// <summary>Strict with what is read; readable in terminals.</summary>
    public static ImageJson Readable { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNameCaseInsensitive = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowOutOfOrderMetadataProperties = true,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter<ProbeStatus>(JsonNamingPolicy.CamelCase) },
    });
}
