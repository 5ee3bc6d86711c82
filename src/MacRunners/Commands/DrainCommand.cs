using System.CommandLine;
using MacRunners.Hosting.Control;

namespace MacRunners.Commands;

/// <summary>Verb <c>drain</c>.</summary>
internal static class DrainCommand
{
    private const string Drained = "drained";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var wait = new Option<bool>("--wait") { Description = "Return when no job is left on the machine" };
        var timeout = DurationOption.Timeout("With --wait: how long. Default: without limit");
        var reason = new Option<string?>("--reason") { Description = "Shown by `status` and in the log", HelpName = "TEXT" };
        reason.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>()?.Length > ControlEndpoints.LongestReason)
            {
                result.AddError($"--reason has more than {ControlEndpoints.LongestReason} characters");
            }
        });
        var json = StatusCommand.AsJson();
        var command = new Command(
            "drain",
            "Takes no further job; running ones go on. Holds over restarts of daemon and machine, until `macrunners resume`." + ControlVerb.Talks)
        {
            wait,
            timeout,
            reason,
            json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(timeout) is { Implicit: false } && !result.GetValue(wait))
            {
                result.AddError("--timeout says how long to --wait: give both");
            }
        });
        return command.On(async (client, parsed, cancellation) =>
        {
            var status = await client.DrainAsync(parsed.GetValue(reason), cancellation);
            return parsed.GetValue(wait)
                ? await WaitAsync(client, status, parsed.GetValue(timeout), parsed.GetValue(json), cancellation)
                : Done(status, parsed.GetValue(json));
        });
    }

    private static int Done(StatusDocument status, bool asJson)
    {
        Console.Write(
            asJson ? StatusCommand.Json(status)
            : status.State == Drained ? "Drained: no job is on this machine, and none is taken.\n"
            : $"Draining: no further job is taken; {Jobs(status)} on this machine.\n");
        return ExitCodes.Success;
    }

    private static async Task<int> WaitAsync(ControlClient client, StatusDocument status, TimeSpan? timeout, bool asJson, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var told = -1;
        while (status.State != Drained)
        {
            // Whoever resumed it meanwhile wants jobs to be taken.
            if (status.Drain is null)
            {
                return ControlVerb.Complain("the machine was resumed meanwhile: jobs are taken again.", ExitCodes.Failure);
            }

            if (TimeProvider.System.GetElapsedTime(started) >= timeout)
            {
                return ControlVerb.Complain($"after {timeout:c} {Jobs(status)} still on this machine. No further one is taken; `macrunners resume` ends that.", ExitCodes.Failure);
            }

            if (told != status.Jobs.Count)
            {
                told = status.Jobs.Count;
                await Console.Error.WriteLineAsync($"Waiting: {Jobs(status)} on this machine ...");
            }

            await Task.Delay(Look, TimeProvider.System, cancellationToken);
            status = await client.StatusAsync(cancellationToken);
        }

        return Done(status, asJson);
    }

    private static string Jobs(StatusDocument status) => status.Jobs.Count == 1 ? "1 job is" : $"{status.Jobs.Count} jobs are";
}
