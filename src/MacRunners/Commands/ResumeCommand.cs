using System.CommandLine;

namespace MacRunners.Commands;

/// <summary>Verb <c>resume</c>.</summary>
internal static class ResumeCommand
{
    /// <summary>The verb.</summary>
    public static Command Create() => new Command("resume", "Takes jobs again after `macrunners drain`." + ControlVerb.Talks).On(async (client, _, cancellation) =>
    {
        var status = await client.ResumeAsync(cancellation);
        Console.WriteLine(status.Reason is { } reason ? $"Resumed. No job is taken yet: {reason}" : "Resumed: jobs are taken.");
        return ExitCodes.Success;
    });
}
