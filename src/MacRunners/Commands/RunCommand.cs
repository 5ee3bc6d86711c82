using System.CommandLine;
using MacRunners.Hosting;
using MacRunners.Hosting.Configuration;
using MacRunners.Hosting.Http;

namespace MacRunners.Commands;

/// <summary>Verb <c>run</c>: the daemon, in the foreground. What launchd and systemd start.</summary>
internal static class RunCommand
{
    /// <summary>The verb.</summary>
    /// <param name="addToDaemon">Further services, added last; null for none.</param>
    public static Command Create(Action<IServiceCollection>? addToDaemon)
    {
        var flags = new ConfigurationFlags();
        var command = new Command(
            "run",
            "Runs the daemon in the foreground, as root. All faults of the configuration are reported at once, before anything happens. "
                + "Signals: the first SIGTERM or SIGINT lets running jobs end (at most Lifecycle:StopTimeout), a second one cancels them.");
        flags.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(flags, parsed, addToDaemon, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        ConfigurationFlags flags, ParseResult parsed, Action<IServiceCollection>? addToDaemon, CancellationToken cancellationToken)
    {
        var token = AgentTokenVariable.Take();
        if (!Environment.IsPrivilegedProcess)
        {
            return Complain("run must be started as root: it creates and deletes accounts.", ExitCodes.NotRoot);
        }

        var audit = flags.Audit(parsed, token is not null);
        if (audit.Faults.Count > 0)
        {
            return Complain(Fault.Describe(audit.Faults), ExitCodes.Configuration);
        }

        try
        {
            using var sockets = HttpSockets.Bind(audit.Settings.Http, audit.Platform.Sockets.TakeHeld(HttpSockets.HeldName));
            await using var host = DaemonHost.Build(audit, token, sockets, TimeProvider.System, addToDaemon);
            await host.RunAsync(cancellationToken);

            // The parts of the daemon that cannot go on say so here before they stop the host.
            return Environment.ExitCode;
        }
        catch (Exception e) when (e is HttpSocketException or IOException or UnauthorizedAccessException)
        {
            return Complain(e.Message, ExitCodes.Unavailable);
        }
        catch (InvalidDataException e)
        {
            return Complain(e.Message, ExitCodes.Failure);
        }
    }

    private static int Complain(string message, int exitCode)
    {
        Console.Error.WriteLine($"macrunners: {message.TrimEnd()}");
        return exitCode;
    }
}
