using System.Text.Json;
using System.Text.Json.Serialization;

namespace MacRunners.Images;

/// <summary>How manifests are read.</summary>
[JsonSerializable(typeof(SoftwareManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext
{
    /// <summary>For a manifest of the same source: a key with a typing error would otherwise be no key.</summary>
    public static ManifestJson Strict { get; } = new(Reading(JsonUnmappedMemberHandling.Disallow));

    /// <summary>For one that may be younger than this program: keys are only added, so those that it does not know can be left out.</summary>
    public static ManifestJson Tolerant { get; } = new(Reading(JsonUnmappedMemberHandling.Skip));

    private static JsonSerializerOptions Reading(JsonUnmappedMemberHandling unmapped) => new(JsonSerializerDefaults.Web)
    {
        PropertyNameCaseInsensitive = false,
        UnmappedMemberHandling = unmapped,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowOutOfOrderMetadataProperties = true,
        NumberHandling = JsonNumberHandling.Strict,
    };
}
