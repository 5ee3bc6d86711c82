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
            "Removes old images, the templates of former promotions, and VMs of tests that were killed. Never an image in use, pinned, with a name that is not ours, or one of the last three promoted of its macOS. Only says so without --delete.",
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
                var images = RetentionPlan.Images(
                    parsed.GetValue(family)!,
                    await cluster.ListImagesAsync(cancellation),
                    configs,
                    users,
                    (parsed.GetValue(pin) ?? []).ToHashSet(),
                    parsed.GetValue(keep),
                    parsed.GetValue(candidates),
                    now);
                var tests = RetentionPlan.TestVms(vms, now);
                await context.Output.WriteAsync(parsed.GetValue(json)
                    ? JsonSerializer.Serialize(new { deleted = parsed.GetValue(delete), images, vms = tests }, ImageFlags.Json) + "\n"
                    : Text(images, tests, parsed.GetValue(delete)));
                if (parsed.GetValue(delete))
                {
                    await DeleteAsync(cluster, images, tests, configs, cancellation);
                }

                var count = images.Concat(tests).Count(entry => entry.Delete);
                return new StepEnd(ExitCodes.Success, $"{count} of {images.Count + tests.Count} {(parsed.GetValue(delete) ? "deleted" : "would be deleted")}", Image: null);
            });
        foreach (var option in new Option[] { family, keep, candidates, pin, also, delete, json })
        {
            command.Options.Add(option);
        }

        return orka.AddTo(command);
    }

    private static string Text(IReadOnlyList<Retention> images, IReadOnlyList<Retention> tests, bool deletes)
    {
        var lines = images.Select(entry => ("image", entry)).Concat(tests.Select(entry => ("VM", entry)))
            .OrderByDescending(line => line.entry.Delete)
            .ThenBy(line => line.entry.Name, StringComparer.Ordinal)
            .Select(line => $"{(line.entry.Delete ? "delete" : "keep  ")}  {line.Item1,-5}  {line.entry.Name}  ({line.entry.Reason})\n");
        return string.Concat(lines) + (deletes ? "" : "Nothing was deleted: that takes --delete.\n");
    }

    /// <summary>The template goes before its image: a template without an image would be offered to the fleet.</summary>
    private static async Task DeleteAsync(IOrka cluster, IReadOnlyList<Retention> images, IReadOnlyList<Retention> tests, IReadOnlyList<VmConfig> configs, CancellationToken cancellation)
    {
        foreach (var vm in tests.Where(entry => entry.Delete))
        {
            await cluster.DeleteVmAsync(vm.Name, cancellation);
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
