using System.CommandLine;
using System.Text.Json;
using MacRunners.Fleet.Images;
using MacRunners.Fleet.Orka;

namespace MacRunners.Fleet.Commands;

/// <summary>Verb <c>image prune</c>.</summary>
internal static class PruneCommand
{
    /// <summary>The verb.</summary>
    public static Command Create(FleetContext context)
    {
        var orka = new OrkaFlags(context);
        var verb = new StepVerb(context, "prune");
        var (family, json) = (ImageFlags.Family(), ImageFlags.AsJson());
        var keep = ImageFlags.Number("--keep", "Promoted images that stay per macOS.", RetentionPlan.FewestPromoted, least: RetentionPlan.FewestPromoted);
        var candidates = ImageFlags.Duration("--candidate-age", "From this age on an image that was never promoted goes.", TimeSpan.FromDays(3));
        var pin = new Option<string[]>("--pin") { Description = "An image that stays whatever else. May be repeated." };
        var also = new Option<string[]>("--also-namespace") { Description = "A further namespace whose VMs count as users of images. May be repeated." };
        var delete = new Option<bool>("--delete") { Description = "Really delete. Otherwise it only says what would go." };
        var command = verb.Create(
            "prune",
            "Removes old images, the templates of former promotions, and VMs of tests and builds that were killed. Never an image in use, pinned, with a name that is not ours, or one of the last three promoted of its macOS. Only says so without --delete.",
            takesImage: false,
            async (parsed, cancellation) =>
            {
                using var cluster = await orka.ConnectAsync(parsed, cancellation);
                var vms = await cluster.ListVmsAsync(cancellation);
                var users = new List<OrkaVm>(vms);
                foreach (var other in parsed.GetValue(also) ?? [])
                {
                    using var neighbour = await orka.ConnectAsync(parsed, cancellation, other);
                    users.AddRange(await neighbour.ListVmsAsync(cancellation));
                }

                var configs = await cluster.ListVmConfigsAsync(cancellation);
                var now = context.Time.GetUtcNow();
                var pinned = (parsed.GetValue(pin) ?? []).ToHashSet();
                var images = RetentionPlan.Images(
                    parsed.GetValue(family)!, await cluster.ListImagesAsync(cancellation), configs, users, pinned, parsed.GetValue(keep), parsed.GetValue(candidates), now);
                var templates = RetentionPlan.RegistryTemplates(parsed.GetValue(family)!, configs, users, pinned, parsed.GetValue(keep));
                var abandoned = RetentionPlan.AbandonedVms(vms, now);
                var count = images.Concat(templates).Concat(abandoned).Count(entry => entry.Delete);
                await context.Output.WriteAsync(parsed.GetValue(json)
                    ? JsonSerializer.Serialize(new { deleted = parsed.GetValue(delete), images, templates, vms = abandoned }, ImageFlags.Json) + "\n"
                    : Text([.. Lines("image", images), .. Lines("template", templates), .. Lines("VM", abandoned)], parsed.GetValue(delete)));
                if (parsed.GetValue(delete))
                {
                    await DeleteAsync(cluster, images, templates, abandoned, configs, cancellation);
                }

                return new StepEnd(ExitCodes.Success, $"{count} of {images.Count + templates.Count + abandoned.Count} {(parsed.GetValue(delete) ? "deleted" : "would be deleted")}", Image: null);
            });
        foreach (var option in new Option[] { family, keep, candidates, pin, also, delete, json })
        {
            command.Options.Add(option);
        }

        return orka.AddTo(command);
    }

    private static IEnumerable<(string Kind, Retention Entry)> Lines(string kind, IReadOnlyList<Retention> entries) => entries.Select(entry => (kind, entry));

    private static string Text(IReadOnlyList<(string Kind, Retention Entry)> entries, bool deletes)
    {
        var lines = entries
            .OrderByDescending(line => line.Entry.Delete)
            .ThenBy(line => line.Entry.Name, StringComparer.Ordinal)
            .Select(line => $"{(line.Entry.Delete ? "delete" : "keep  ")}  {line.Kind,-8}  {line.Entry.Name}  ({line.Entry.Reason})\n");
        return string.Concat(lines) + (deletes ? "" : "Nothing was deleted: that takes --delete.\n");
    }

    /// <summary>The template goes before its image: a template without an image would be offered to the fleet.</summary>
    private static async Task DeleteAsync(
        IOrka cluster, IReadOnlyList<Retention> images, IReadOnlyList<Retention> templates, IReadOnlyList<Retention> vms, IReadOnlyList<VmConfig> configs, CancellationToken cancellation)
    {
        foreach (var vm in vms.Where(entry => entry.Delete))
        {
            await cluster.DeleteVmAsync(vm.Name, cancellation);
        }

        foreach (var template in templates.Where(entry => entry.Delete))
        {
            await cluster.DeleteVmConfigAsync(template.Name, cancellation);
        }

        foreach (var image in images.Where(entry => entry.Delete))
        {
            foreach (var promotion in configs.Where(config => config.Image == image.Name && Promotions.IsPromotion(config)))
            {
                await cluster.DeleteVmConfigAsync(promotion.Name, cancellation);
            }

            await cluster.DeleteImageAsync(image.Name, cancellation);
        }
    }
}
