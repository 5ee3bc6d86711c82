using System.CommandLine;

namespace MacRunners.Commands;

/// <summary>Verb <c>resume</c>.</summary>
internal static class ResumeCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var json = StatusCommand.AsJson();
        return new Command("resume", "Takes jobs again after `macrunners drain`." + ControlVerb.Talks) { json }.On(async (client, parsed, cancellation) =>
        {
            var status = await client.ResumeAsync(cancellation);
            Console.Write(
                parsed.GetValue(json) ? StatusCommand.Json(status)
                : status.Reason is { } reason ? $"Resumed. No job is taken yet: {reason}\n"
                : "Resumed: jobs are taken.\n");
            return ExitCodes.Success;
        });
    }
}
