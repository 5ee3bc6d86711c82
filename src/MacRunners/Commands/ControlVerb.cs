using System.CommandLine;
using MacRunners.Hosting;
using MacRunners.Hosting.Configuration;
using MacRunners.Hosting.Control;

namespace MacRunners.Commands;

/// <summary>What the verbs that talk to the running daemon have in common: flags, errors, exit codes.</summary>
internal static class ControlVerb
{
    /// <summary>For help texts.</summary>
    public const string Talks = " Talks to the running daemon over its root-only socket in Paths:Run. Exit codes: 0 done, 1 refused or not done in time, 69 the daemon does not answer, 77 not root.";

    /// <summary>Adds the flags that lead to the daemon, and what to do.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="act">What to do; returns the exit code.</param>
    /// <param name="needsValidConfiguration">Whether nothing may be done while the configuration has faults.</param>
    public static Command On(this Command command, Func<ControlClient, ParseResult, CancellationToken, Task<int>> act, bool needsValidConfiguration = false)
    {
        var flags = new ConfigurationFlags();
        flags.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(flags, parsed, act, needsValidConfiguration, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        ConfigurationFlags flags,
        ParseResult parsed,
        Func<ControlClient, ParseResult, CancellationToken, Task<int>> act,
        bool needsValidConfiguration,
        CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return Complain("this must be done as root: nobody else can control the daemon.", ExitCodes.NotRoot);
        }

        // The token may be in the daemon's environment, which is not ours.
        var audit = flags.Audit(parsed, hasTokenInEnvironment: true);
        if (needsValidConfiguration && audit.Faults.Count > 0)
        {
            return Complain($"nothing was done: {Fault.Describe(audit.Faults).TrimEnd()}", ExitCodes.Configuration);
        }

        using var client = new ControlClient(ControlSocket.PathIn(audit.Settings.Paths));
        try
        {
            return await act(client, parsed, cancellationToken);
        }
        catch (NotRunningException e)
        {
            return Complain(e.Message, ExitCodes.Unavailable);
        }
        catch (ControlRefusedException e)
        {
            return Complain(e.Message, ExitCodes.Failure);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Failure;
        }
    }

    /// <summary>Says why, and with which code the program ends. What the daemon says may hold names that a job chose.</summary>
    public static int Complain(string message, int exitCode)
    {
        Console.Error.WriteLine($"macrunners: {string.Join('\n', message.Split('\n').Select(Visible.Text))}");
        return exitCode;
    }
}
