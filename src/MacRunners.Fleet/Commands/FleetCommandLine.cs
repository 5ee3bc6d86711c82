using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MacRunners.Fleet.Orka;
using MacRunners.Fleet.Processes;

namespace MacRunners.Fleet.Commands;

/// <summary>All verbs.</summary>
internal static class FleetCommandLine
{
    // Long enough to delete the test VM of an interrupted test.
    private static readonly TimeSpan TerminationLimit = TimeSpan.FromSeconds(90);

    /// <summary>Runs the verb that the arguments name.</summary>
    /// <param name="arguments">As given to the program.</param>
    /// <param name="context">What verbs take from outside.</param>
    /// <param name="cancellation">Interrupts the verb, as SIGINT and SIGTERM do.</param>
    public static async Task<int> RunAsync(string[] arguments, FleetContext context, CancellationToken cancellation = default)
    {
        var parsed = Root(context).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExitCodes)
        {
            foreach (var error in parsed.Errors)
            {
                await context.Error.WriteLineAsync($"macrunners-fleet: {error.Message}");
            }

            await context.Error.WriteLineAsync("Try --help.");
            return ExitCodes.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TerminationLimit, Output = context.Output, Error = context.Error }, cancellation);
        }
        catch (OperationCanceledException)
        {
            await context.Error.WriteLineAsync("macrunners-fleet: interrupted");
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (Code(e) is not null)
        {
            foreach (var line in e.Message.Split('\n'))
            {
                await context.Error.WriteLineAsync($"macrunners-fleet: {line}");
            }

            return Code(e)!.Value;
        }
    }

    /// <summary>What is wrong with arguments, without running anything; empty when they are understood.</summary>
    public static IReadOnlyList<string> Errors(string[] arguments) => [.. Root(FleetContext.OfThisProcess).Parse(arguments).Errors.Select(error => error.Message)];

    /// <summary>The exit code of what is foreseen; null for anything else.</summary>
    public static int? Code(Exception exception) => exception switch
    {
        OrkaException { Fault: OrkaFault.Unavailable or OrkaFault.Timeout } => ExitCodes.Unavailable,
        OrkaException { Fault: OrkaFault.Denied } => ExitCodes.Denied,
        OrkaException { Fault: OrkaFault.Invalid } => ExitCodes.Configuration,
        OrkaException or ProgramException => ExitCodes.Failure,
        InvalidDataException or FormatException or ArgumentException => ExitCodes.Configuration,
        IOException or UnauthorizedAccessException => ExitCodes.Failure,
        _ => null,
    };

    /// <summary>The tree of verbs.</summary>
    public static RootCommand Root(FleetContext context)
    {
        var root = new RootCommand("Images of Mac VMs on Orka: when to build, how good they are, which to promote, which to remove.")
        {
            new Command("image", "The image pipeline: due, build, verify, flake, promote, cache, prune, sweep, notify; age watches over it.")
            {
                DueCommand.Create(context),
                BuildCommand.Create(context),
                FlakeCommand.CreateVerify(context),
                FlakeCommand.Create(context),
                PromoteCommand.Create(context),
                CacheCommand.Create(context),
                PruneCommand.Create(context),
                SweepCommand.Create(context),
                NotifyCommand.Create(context),
                AgeCommand.Create(context),
                PipelineCommand.Create(context),
                new Command("versions", "The versions of the image's software.") { VersionsCheckCommand.Create(context) },
            },
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExitCodes((HelpAction)help.Action!);
        return root;
    }

    /// <summary>The library's help text, then what every verb has in common.</summary>
    private sealed class HelpWithExitCodes(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var exitCode = help.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(ExitCodes.Help);
            return exitCode;
        }
    }
}
