using MacRunners.Accounts;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Options;

namespace MacRunners.Teardown;

/// <summary>Kills every process of an account until none is left.</summary>
/// <remarks>
/// A helper that has become the account signals everything at once, which cannot hit anybody else and outruns fork loops.
/// It runs before anybody looks: a process that forks and exits faster than the table can be read is never seen in it.
/// The table then says whether that was all. The job can attack the helper, so it has a limit and is followed by the next
/// one, and root's own signals, one process at a time, come on top; where it failed, all are stopped before.
/// </remarks>
internal sealed partial class ProcessReaper(
    IPlatform platform, AccountRange range, HelperCommand helper, ITool tool, IOptions<JobsOptions> options, TimeProvider time, ILogger<ProcessReaper> logger)
{
    private static readonly TimeSpan HelperLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DomainLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Kills until none is left or the time is spent; everything is tried once in any case.</summary>
    /// <param name="account">Whose processes.</param>
    /// <param name="enough">Ends the time before <see cref="JobsOptions.KillBudget"/> does.</param>
    /// <returns>What was found alive at the beginning.</returns>
    /// <exception cref="ResidueException">Processes are left; it names them.</exception>
    public Task<IReadOnlyList<ProcessEntry>> KillAllAsync(JobAccount account, CancellationToken enough) => KillAllAsync(account, () => Task.CompletedTask, enough);

    /// <inheritdoc cref="KillAllAsync(JobAccount, CancellationToken)"/>
    /// <param name="account">Whose processes.</param>
    /// <param name="letGo">Before each round: takes away what keeps them from dying.</param>
    /// <param name="enough">Ends the time before <see cref="JobsOptions.KillBudget"/> does.</param>
    public async Task<IReadOnlyList<ProcessEntry>> KillAllAsync(JobAccount account, Func<Task> letGo, CancellationToken enough)
    {
        ResidueException.ThrowIfForeign(account, range);
        await platform.Domains.EndAsync(account.Id, CancellationToken.None);
        var found = platform.Processes.OwnedBy(account.Id);

        // Needs no process, so no full table hinders it. It would end the evidence with the escape, too: then they go one by one.
        await platform.ControlGroups.HoldAndKillAsync(account.Id, () => FindEscaped(account).Count == 0);
        await KillUntilNoneIsLeftAsync(account.Id, letGo, enough);
        return found;
    }

    /// <summary>The same for a number that no account has any more.</summary>
    /// <inheritdoc cref="KillAllAsync(JobAccount, CancellationToken)"/>
    public Task KillAllAsync(uint number, CancellationToken enough) => range.Contains(number)
        ? KillUntilNoneIsLeftAsync(number, () => Task.CompletedTask, enough)
        : throw new ResidueException([new Residue(ResidueKind.Process, $"{number} is not one of {range}; nothing of it was killed")]);

    /// <summary>The same for an account of which no process is known any more: rules out one that comes and goes faster than it can be listed.</summary>
    /// <inheritdoc cref="KillAllAsync(JobAccount, CancellationToken)"/>
    public async Task RuleOutAsync(JobAccount account, CancellationToken enough)
    {
        ResidueException.ThrowIfForeign(account, range);

        // Once more, as something may have been started in it. Whether it answers does not matter: it is not waited for as long.
        await platform.Domains.EndAsync(account.Id, CancellationToken.None).WaitAsync(DomainLimit, time, enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await KillUntilNoneIsLeftAsync(account.Id, () => Task.CompletedTask, enough);
    }

    /// <summary>What began as the account's and is somebody else's by now: the job has had rights that it must not have.</summary>
    public IReadOnlyList<ProcessEntry> FindEscaped(JobAccount account)
    {
        ResidueException.ThrowIfForeign(account, range);
        return platform.Processes.EscapedFrom(account.Id);
    }

    /// <summary>Kills these processes of the number, whoever they belong to, and what else is in its control group.</summary>
    public void Kill(uint number, IEnumerable<ProcessEntry> escaped)
    {
        platform.ControlGroups.Kill(number);
        foreach (var process in escaped)
        {
            _ = platform.Processes.Signal(process.Identity, Signal.Kill);
        }
    }

    /// <summary>Whether one that had escaped still lives and has not become the account's again.</summary>
    public bool IsStillAway(JobAccount account, ProcessEntry escaped) =>
        platform.Processes.Find(escaped.Identity.Pid) is { } now && now.Identity == escaped.Identity
        && now.RealUid != account.Id && now.EffectiveUid != account.Id && now.SavedUid != account.Id;

    /// <summary>Whether the process table lists one of the account.</summary>
    public bool Sees(JobAccount account) => platform.Processes.OwnedBy(account.Id).Count > 0;

    private async Task KillUntilNoneIsLeftAsync(uint number, Func<Task> letGo, CancellationToken enough)
    {
        var started = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            await letGo();
            var helperFoundNone = await RunHelperAsync(number);
            var left = platform.Processes.OwnedBy(number);
            if (helperFoundNone && left.Count == 0)
            {
                return;
            }

            if (time.GetElapsedTime(started) > options.Value.KillBudget || enough.IsCancellationRequested)
            {
                throw new ResidueException(left.Count > 0
                    ? [.. left.Select(p => new Residue(ResidueKind.Process, Describe(p)))]
                    : [new Residue(ResidueKind.Process, $"none of {number} is listed, but the kill helper did not end by finding none, so one that comes and goes faster than it can be listed is not ruled out")]);
            }

            foreach (var process in helperFoundNone ? left : HoldStill(number, left))
            {
                _ = platform.Processes.Signal(process.Identity, Signal.Kill);
            }

            await Task.Delay(pause, time, enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Without a helper, as when the processes have filled the table so that none can be started, what is killed one by one would come
    // back faster. What is stopped does not fork: when no further one appears they are all held, and killing them makes room.
    private IReadOnlyList<ProcessEntry> HoldStill(uint id, IReadOnlyList<ProcessEntry> processes)
    {
        for (var held = 0; processes.Count > held; processes = platform.Processes.OwnedBy(id))
        {
            held = processes.Count;
            foreach (var process in processes)
            {
                _ = platform.Processes.Signal(process.Identity, Signal.Stop);
            }
        }

        return processes;
    }

    /// <summary>One process, for people.</summary>
    public static string Describe(ProcessEntry process) => $"pid {process.Identity.Pid} ({process.Command})";

    /// <returns>Whether the helper ended by finding nothing more to kill.</returns>
    private async Task<bool> RunHelperAsync(uint number)
    {
        try
        {
            var arguments = helper.Arguments("kill-as", "--uid", $"{number}", "--gid", $"{number}", "--floor", $"{range.First}");
            var result = await tool.RunAsync(helper.Program, arguments, HelperLimit, CancellationToken.None);
            if (result.ExitCode == 0)
            {
                return true;
            }

            HelperFailed(logger, number, result.Summary);
        }
        catch (ToolException e)
        {
            HelperFailed(logger, number, e.Message);
        }

        return false;
    }

    [LoggerMessage(1221, LogLevel.Warning, "The kill helper for {Uid} did not finish ({Why}); signalling one by one and trying again")]
    private static partial void HelperFailed(ILogger logger, uint uid, string why);
}
