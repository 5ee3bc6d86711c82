using System.CommandLine;
using MacRunners.Fleet.Notifications;
using MacRunners.Fleet.Pipeline;

namespace MacRunners.Fleet.Commands;

/// <summary>Verb <c>image notify</c>.</summary>
internal static class NotifyCommand
{
    /// <summary>The verb.</summary>
    public static Command Create(FleetContext context)
    {
        var macOs = ImageFlags.Number("--macos", "Major version of macOS.", 15, least: 13, most: 99);
        var record = new Option<string>("--record") { Description = "The file that the steps wrote to.", Required = true };
        var testHost = TestHost();
        var command = new Command(
            "notify", "Sends one message to Discord about an image's run: outcome, steps with durations, a link to the run. Without DISCORD_WEBHOOK_URL it only warns.")
        {
            macOs, record, testHost,
        };
        command.SetAction((parsed, cancellation) =>
            SendAsync(context, $"macOS {parsed.GetValue(macOs)}", new RunRecord(parsed.GetValue(record)!).Read(), parsed.GetValue(testHost), cancellation));
        return command;
    }

    /// <summary>For trials: where a simulated Discord is.</summary>
    public static Option<string?> TestHost() => new("--discord-test-host") { Description = "host:port on this machine that counts as Discord, by plain HTTP." };

    /// <summary>Sends it.</summary>
    /// <param name="context">What verbs take from outside.</param>
    /// <param name="subject">What it is about, such as "macOS 15".</param>
    /// <param name="steps">What happened.</param>
    /// <param name="testHost">Where a simulated Discord is; null for the real one.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="verdict">What is wrong, where the steps do not tell.</param>
    /// <returns>The exit code: a message that is not sent spoils nothing else.</returns>
    public static async Task<int> SendAsync(FleetContext context, string subject, IReadOnlyList<StepResult> steps, string? testHost, CancellationToken cancellation, string? verdict = null)
    {
        if (context.Variable("DISCORD_WEBHOOK_URL") is not { Length: > 0 } address)
        {
            await context.Error.WriteLineAsync("macrunners-fleet: DISCORD_WEBHOOK_URL is not set, so no message is sent");
            return ExitCodes.Success;
        }

        using var webhook = DiscordWebhook.Create(address, testHost, context.Time);
        if (await webhook.SendAsync(ImageMessage.Create(subject, steps, context.RunPage, context.Time.GetUtcNow(), verdict), cancellation) is not { } reason)
        {
            return ExitCodes.Success;
        }

        await context.Error.WriteLineAsync($"macrunners-fleet: the message was not sent: {reason}");
        return ExitCodes.NotSent;
    }
}
