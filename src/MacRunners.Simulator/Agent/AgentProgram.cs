using MacRunners.Simulator.Agent.Bootstrap;
using MacRunners.Simulator.Agent.Flags;
using MacRunners.Simulator.Agent.JobCommands;
using MacRunners.Simulator.Agent.Processes;
using MacRunners.Simulator.Agent.Running;

namespace MacRunners.Simulator.Agent;

/// <summary>
/// The stub agent: takes the command line of buildkite-agent 3.87.0 and behaves as it does towards server, operating system and job.
/// What it lacks, it refuses with a message: waiting for work, plugins, artifacts, pipeline uploads, signatures.
/// </summary>
/// <remarks>
/// Exit codes of <c>start</c>: 0 after any job that ran, 27 when the server refused the job, 1 for everything else.
/// </remarks>
internal static class AgentProgram
{
    private const string Commands = "bootstrap, env, meta-data, start";

    /// <summary>Whether the name the process was started by makes it the agent.</summary>
    public static bool IsStartedAsAgent => AgentSelf.StartedAsAgent;

    public static async Task<int> RunAsync(string[] args)
    {
        var command = args.Length == 0 ? "" : args[0];
        var rest = args.Skip(1).ToArray();
        try
        {
            return command switch
            {
                "--version" or "-v" => Show(AgentVersion.Line),
                "start" => await StartCommand.RunAsync(rest, TimeProvider.System),
                "bootstrap" => await BootstrapCommand.RunAsync(rest, TimeProvider.System),
                "env" => EnvCommand.Run(rest),
                "meta-data" => await MetaDataCommand.RunAsync(rest, TimeProvider.System),
                TerminalTaker.Verb => TerminalTaker.Run(rest),
                "help" or "--help" or "-h" => ShowHelp(0),
                _ => ShowHelp(1),
            };
        }
        catch (UsageException e)
        {
            StandardStreams.WriteLine(StandardStreams.Output, $"Incorrect Usage: {e.Message}\n");
            if (command == "start")
            {
                Usage.Show(command, StartFlags.All);
            }

            return Fail($"fatal: {e.Message}", 1);
        }
        catch (MissingSettingException e)
        {
            return Fail(e.Message, 1);
        }
        catch (AgentFailureException e)
        {
            return Fail($"fatal: {e.Message}", e.ExitCode);
        }
    }

    private static int Fail(string message, int exitCode)
    {
        StandardStreams.WriteLine(StandardStreams.Error, message);
        return exitCode;
    }

    private static int Show(string line)
    {
        StandardStreams.WriteLine(StandardStreams.Output, line);
        return 0;
    }

    private static int ShowHelp(int exitCode)
    {
        Show($"Usage:\n\n  {AgentSelf.Name} <command> [options...]\n\nAvailable commands are: {Commands}");
        return exitCode;
    }
}
