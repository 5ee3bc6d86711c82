using System.CommandLine;
using System.Text.Json;
using MacRunners.Fleet.Images;
using MacRunners.Fleet.Pipeline;
using MacRunners.Fleet.Versions;

namespace MacRunners.Fleet.Commands;

/// <summary>Verb <c>image age</c>.</summary>
internal static class AgeCommand
{
    private const string Step = "age";

    private static readonly TimeSpan DefaultMaxAge = TimeSpan.FromHours(36);

    /// <summary>The verb.</summary>
    public static Command Create(FleetContext context)
    {
        var orka = new OrkaFlags(context);
        var (family, manifest, json) = (ImageFlags.Family(), ImageFlags.Manifest(), ImageFlags.AsJson());
        var macOs = ImageFlags.MacOs();
        var maxAge = ImageFlags.Duration("--max-age", "From this age on an image is too old: a night was missed.", DefaultMaxAge);
        var notify = new Option<bool>("--notify") { Description = "Send a message for each macOS whose image is too old, and one when it cannot be found out." };
        var testHost = NotifyCommand.TestHost();
        var command = orka.AddTo(new Command(
            Step, "Says how old the newest promoted image of each macOS is. Exit code 3 when one is too old, or there is none. For a timer outside GitHub, whose schedule may stand still without a word.")
        {
            macOs, maxAge, notify, family, manifest, json, testHost,
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var start = context.Time.GetTimestamp();
            Task<int> SendAsync(string subject, string verdict, string detail, string? image)
            {
                var step = new StepResult(Step, StepOutcome.Failed, Math.Round(context.Time.GetElapsedTime(start).TotalSeconds, 1), detail, image);
                return NotifyCommand.SendAsync(context, subject, [step], parsed.GetValue(testHost), cancellation, verdict);
            }

            try
            {
                var wanted = ManifestFile.Read(parsed.GetValue(manifest)!).Select(DueCommand.Numbers(parsed.GetValue(macOs) ?? []));
                using var cluster = await orka.ConnectAsync(parsed, cancellation);
                var promoted = Promotions.Of(parsed.GetValue(family)!, await cluster.ListVmConfigsAsync(cancellation));
                IReadOnlyList<ImageAge> ages = [.. wanted.Select(version => ImageAge.Make(version, promoted, context.Time.GetUtcNow(), parsed.GetValue(maxAge)))];
                await context.Output.WriteLineAsync(parsed.GetValue(json)
                    ? JsonSerializer.Serialize(ages, ImageFlags.Json)
                    : string.Join('\n', ages.Select(age => $"macOS {age.MacOs}: {(age.IsTooOld ? "TOO OLD" : "fresh")}: {age.Reason}")));
                foreach (var age in ages.Where(age => parsed.GetValue(notify) && age.IsTooOld))
                {
                    await SendAsync($"macOS {age.MacOs}", "too old", age.Reason, age.Newest);
                }

                return ages.Any(age => age.IsTooOld) ? ExitCodes.No : ExitCodes.Success;
            }
            catch (Exception e) when (parsed.GetValue(notify) && FleetCommandLine.Code(e) is not null)
            {
                await SendAsync("All images", "age unknown", e.Message, image: null);
                throw;
            }
        });
        return command;
    }
}
