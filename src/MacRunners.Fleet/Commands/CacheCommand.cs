using System.CommandLine;

namespace MacRunners.Fleet.Commands;

/// <summary>Verb <c>image cache</c>.</summary>
internal static class CacheCommand
{
    /// <summary>The verb.</summary>
    public static Command Create(FleetContext context)
    {
        var orka = new OrkaFlags(context);
        var verb = new StepVerb(context, "cache");
        var command = verb.Create(
            "cache",
            "Copies an image to all nodes, so that its first VM there takes seconds and not minutes. Always by `orka3 imagecache add`: there is no other documented way.",
            takesImage: true,
            async (parsed, cancellation) =>
            {
                var image = verb.Image(parsed);
                await orka.Tool(parsed).CacheAsync(image.ToString(), cancellation);
                await context.Output.WriteLineAsync($"{image} is being copied to all nodes; `orka3 imagecache info {image}` shows how far it is");
                return new StepEnd(ExitCodes.Success, "asked for on all nodes", image.ToString());
            });
        return orka.AddTo(command);
    }
}
