using MacRunners.Fleet.Orka;

namespace MacRunners.Fleet.Images;

/// <summary>
/// What was promoted, as the cluster itself remembers it: a promotion is a template with the image's own name. Nothing is overwritten, so
/// two pipelines cannot undo each other, and the way back is to delete the newest template.
/// </summary>
internal static class Promotions
{
    /// <summary>Promoted images of a family, newest first.</summary>
    public static IReadOnlyList<ImageName> Of(string family, IEnumerable<VmConfig> configs) =>
    [
        .. configs.Where(IsPromotion).Select(config => ImageName.Parse(config.Image))
            .Where(image => image.Family == family)
            .OrderByDescending(image => image.BuiltAt)
            .ThenBy(image => image.Commit, StringComparer.Ordinal),
    ];

    /// <summary>Whether a template is the promotion of an image, and not one that an operator made.</summary>
    public static bool IsPromotion(VmConfig config) => ImageName.TryParse(config.Image)?.Template == config.Name;

    /// <summary>Makes an image visible to the fleet. Promoting it again changes nothing.</summary>
    /// <returns>Whether a newer one is promoted already, so that this one is not what the fleet takes.</returns>
    /// <exception cref="OrkaException">The image is not there or not ready.</exception>
    public static async Task<bool> PromoteAsync(IOrka orka, ImageName image, int cpu, double? memoryGib, CancellationToken cancellation)
    {
        if (image.Repository is null)
        {
            var found = (await orka.ListImagesAsync(cancellation)).FirstOrDefault(candidate => candidate.Name == image.ToString())
                ?? throw new OrkaException(OrkaFault.NotFound, $"Image {image} does not exist: see `orka3 image list`");
            if (found.State is not (null or "Ready"))
            {
                throw new OrkaException(OrkaFault.Failed, $"Image {image} is {found.State}, not Ready: wait for it, or build it again");
            }
        }

        await orka.CreateVmConfigAsync(new VmConfig(image.Template, image.ToString(), cpu, memoryGib), cancellation);
        return Of(image.Family, await orka.ListVmConfigsAsync(cancellation)).First(other => other.MacOs == image.MacOs).BuiltAt > image.BuiltAt;
    }
}
