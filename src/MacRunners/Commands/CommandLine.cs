using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MacRunners.Commands;

/// <summary>All verbs for people. The helper verbs, which start once or more per job, never come here.</summary>
internal static class CommandLine
{
    /// <summary>Runs the verb that the arguments name.</summary>
    /// <param name="arguments">As given to the program.</param>
    /// <param name="addToDaemon">Further services of the daemon, added last; null for none.</param>
    public static async Task<int> RunAsync(string[] arguments, Action<IServiceCollection>? addToDaemon)
    {
        var root = Root(addToDaemon);
        // Without response files: "@" has no special meaning in values.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExitCodes)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync($"macrunners: {error.Message}");
            }

            await Console.Error.WriteLineAsync("Try --help.");
            return ExitCodes.Usage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            // What nobody foresaw shows its stack; signals are the daemon's own business.
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }

    /// <summary>What is wrong with arguments, without running anything; empty when they are understood.</summary>
    public static IReadOnlyList<string> Errors(string[] arguments) => [.. Root(addToDaemon: null).Parse(arguments).Errors.Select(error => error.Message)];

    private static RootCommand Root(Action<IServiceCollection>? addToDaemon)
    {
        var root = new RootCommand("Takes Buildkite jobs and runs each in a throw-away local account.")
        {
            RunCommand.Create(addToDaemon),
            StatusCommand.Create(),
            DrainCommand.Create(),
            ResumeCommand.Create(),
            SweepCommand.Create(),
            RestartCommand.Create(),
            LogsCommand.Create(),
            AccountCommand.Create(),
            DoctorCommand.Create(),
            FenceCommand.Create(),
            KeychainCommand.Create(),
            SelfTestCommand.Create(),
            ImageCommand.Create(),
            ConfigCommand.Create(),
            VersionCommand.Create(),
            CompletionCommand.Create(),
        };
        // "--version" says what the verb says, and no second text has to be kept.
        root.Options.Remove(root.Options.OfType<VersionOption>().Single());
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
