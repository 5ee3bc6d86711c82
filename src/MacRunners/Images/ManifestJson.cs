using System.Text.Json;
using System.Text.Json.Serialization;

namespace MacRunners.Images;

/// <summary>How manifests are read: strictly, since a key with a typing error would otherwise be no key.</summary>
[JsonSerializable(typeof(SoftwareManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext
{
    /// <summary>The only way.</summary>
    public static ManifestJson Strict { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        PropertyNameCaseInsensitive = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowOutOfOrderMetadataProperties = true,
        NumberHandling = JsonNumberHandling.Strict,
    });
}
