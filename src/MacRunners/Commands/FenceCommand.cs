using System.CommandLine;
using MacRunners.Hosting.Configuration;
using MacRunners.Platform;

namespace MacRunners.Commands;

/// <summary>Verb <c>fence</c>: the rules that keep jobs from places of the network.</summary>
internal static class FenceCommand
{
    /// <summary>The verb and its parts.</summary>
    public static Command Create() => new("fence", "Shows and removes the rules that the daemon loads into the system's packet filter.")
    {
        Show(),
        Remove(),
    };

    private static Command Show()
    {
        var flags = new ConfigurationFlags();
        var command = new Command("show", "Writes the rules as the configuration makes them, in the packet filter's own language. Loads nothing.");
        flags.AddTo(command);
        command.SetAction(parsed =>
        {
            var audit = flags.Audit(parsed, AgentTokenVariable.Take() is not null);
            Console.Write(audit.Platform.Fence.Rules(FencePlan.For(audit.Settings)));
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Remove()
    {
        var flags = new ConfigurationFlags();
        var command = new Command(
            "remove",
            "Removes the rules, as root: jobs that still run are no longer kept from anything. For a machine that is taken out of service; a running daemon loads them again.");
        flags.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var audit = flags.Audit(parsed, AgentTokenVariable.Take() is not null);
            try
            {
                await audit.Platform.Fence.RemoveAsync(FencePlan.For(audit.Settings), cancellation);
                return ExitCodes.Success;
            }
            catch (ToolException e)
            {
                await Console.Error.WriteLineAsync($"macrunners: {e.Message}");
                return Environment.IsPrivilegedProcess ? ExitCodes.Failure : ExitCodes.NotRoot;
            }
        });
        return command;
    }
}
