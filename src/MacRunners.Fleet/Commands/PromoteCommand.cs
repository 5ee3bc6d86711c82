using System.CommandLine;
using MacRunners.Fleet.Images;

namespace MacRunners.Fleet.Commands;

/// <summary>Verb <c>image promote</c>.</summary>
internal static class PromoteCommand
{
    /// <summary>The verb.</summary>
    public static Command Create(FleetContext context)
    {
        var orka = new OrkaFlags(context);
        var verb = new StepVerb(context, "promote");
        var (cpu, memory) = (ImageFlags.Cpu(), ImageFlags.Memory());
        var command = verb.Create(
            "promote",
            "Makes an image visible to the fleet: creates a template (VM config) with the image's name. The newest template of a macOS is what the fleet takes; deleting it is the way back.",
            takesImage: true,
            async (parsed, cancellation) =>
            {
                var image = verb.Image(parsed);
                using var cluster = await orka.ConnectAsync(parsed, cancellation);
                var isOlder = await Promotions.PromoteAsync(cluster, image, parsed.GetValue(cpu), ImageFlags.MemoryOf(parsed, memory), cancellation);
                var detail = isOlder ? $"template {image.Template}; a newer image of macOS {image.MacOs} is promoted already and stays the first" : $"template {image.Template}";
                await context.Output.WriteLineAsync($"{image} is promoted: {detail}");
                return new StepEnd(ExitCodes.Success, detail, image.ToString());
            });
        command.Options.Add(cpu);
        command.Options.Add(memory);
        return orka.AddTo(command);
    }
}
