using System.CommandLine;
using MacRunners.Hosting.Control;

namespace MacRunners.Commands;

/// <summary>Verb <c>restart</c>.</summary>
internal static class RestartCommand
{
    private const string Starting = "starting";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    // launchd and systemd wait ten seconds between starts at most.
    private static readonly TimeSpan TimeToComeBack = TimeSpan.FromSeconds(60);

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var timeout = DurationOption.Timeout("How long jobs that are just being set up or torn down are waited for", TimeSpan.FromMinutes(2));
        var json = StatusCommand.AsJson();
        var command = new Command(
            "restart",
            "Has the daemon started again by launchd or systemd while its jobs go on: after an upgrade, or to make it read a changed configuration. "
                + "The configuration is checked first: with faults nothing happens (exit code 78)." + ControlVerb.Talks)
        {
            timeout,
            json,
        };
        return command.On((client, parsed, cancellation) => RestartAsync(client, parsed.GetValue(timeout)!.Value, parsed.GetValue(json), cancellation), needsValidConfiguration: true);
    }

    private static async Task<int> RestartAsync(ControlClient client, TimeSpan patience, bool asJson, CancellationToken cancellationToken)
    {
        var ended = await client.RestartAsync(patience, cancellationToken);
        await Console.Error.WriteLineAsync($"macrunners {ended.Version} (pid {ended.Pid}) ended; {ended.JobsGoingOn} running job(s) go on. Waiting for its next start ...");
        var started = TimeProvider.System.GetTimestamp();
        StatusDocument? next = null;

        // Until it has taken up the jobs, not only answers.
        while (next is not { State: not Starting } && TimeProvider.System.GetElapsedTime(started) < TimeToComeBack)
        {
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
            try
            {
                next = await client.StatusAsync(cancellationToken) is { } status && status.Pid != ended.Pid ? status : null;
            }
            catch (NotRunningException)
            {
                // Not yet.
            }
        }

        if (next is not null)
        {
            Console.Write(asJson ? StatusCommand.Json(next) : $"macrunners {next.Version} (pid {next.Pid}) runs; {next.Jobs.Count} job(s) on this machine.\n");
            return ExitCodes.Success;
        }

        return ControlVerb.Complain(
            $"it was not started again within {TimeToComeBack.TotalSeconds:0} s. Look into its log; if nothing supervises it, start it by hand: its jobs go on meanwhile.", ExitCodes.Failure);
    }
}
