using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using MacRunners.Accounts;
using MacRunners.Agent;
using MacRunners.Hosting.Control;
using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using Microsoft.Extensions.Options;

namespace MacRunners.Isolation;

/// <summary>
/// Makes attacks on this machine: each in an account of its own, by the way of a job but without Buildkite, then the daemon's teardown, then
/// a look by other means than teardown's. Only while no job is on the machine.
/// </summary>
/// <remarks>Journaled like a self-test: after a crash everything is torn down.</remarks>
internal sealed class IsolationTest(
    IPlatform platform,
    IAccountDirectory directory,
    ITool tool,
    HelperCommand helper,
    JobAccounts accounts,
    AgentLauncher launcher,
    AgentBinary agent,
    JobTeardown teardown,
    DirtyState dirty,
    Trash trash,
    SharedPlaces places,
    IOptions<PathsOptions> paths,
    IOptions<HttpOptions> http,
    IOptions<BuildkiteOptions> buildkite,
    IOptions<AgentOptions> agentOptions,
    IOptions<PlatformOptions> platformOptions,
    TimeProvider time)
{
    /// <summary>Name of the folder in <c>Paths:State</c> that exists while attacks are made.</summary>
    public const string FolderName = "isolation";

    private const UnixFileMode PassableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const string Ready = "ready";

    private static readonly TimeSpan ScriptLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BesideLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TrashLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly IsolationOracle _oracle = new(tool, time);

    private string Folder => Path.Combine(paths.Value.State, FolderName);

    /// <summary>Makes the attacks, one after another.</summary>
    /// <param name="attacks">Which.</param>
    /// <param name="scale">How much is made of what much is made of.</param>
    /// <param name="isAlone">No daemon runs that empties the trash, so this does.</param>
    /// <param name="cancellationToken">Ends it, after what has been begun is torn down.</param>
    /// <exception cref="IOException">The journal cannot be written, or the folder for the attacks not made.</exception>
    public async IAsyncEnumerable<AttackResult> RunAsync(
        IReadOnlyList<Attack> attacks, AttackScale scale, bool isAlone, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        trash.Prepare();
        RemoveFolder();
        _ = Directory.CreateDirectory(Folder, PassableByAll);
        var run = new Run(AttackGround.NewRun(), scale, await TargetAsync(cancellationToken), isAlone, []);
        try
        {
            foreach (var attack in attacks)
            {
                var result = await TryAsync(attack, run, cancellationToken);
                if (cancellationToken.IsCancellationRequested)
                {
                    yield break;
                }

                yield return result;
            }

            if (scale == AttackScale.Full)
            {
                yield return await LookEverywhereAsync(run, cancellationToken);
            }
        }
        finally
        {
            RemoveFolder();
            await EmptyTrashAsync(isAlone);
        }
    }

    private async Task<AttackResult> TryAsync(Attack attack, Run run, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var failures = new List<string>();
        var skipped = dirty.Reason is { } reason ? $"the machine is dirty: {reason}" : attack.WhyNotOn(platform.Name, platform.Places.ExecutableSearchPath);
        if (skipped is null)
        {
            try
            {
                skipped = await MakeAsync(attack, run, failures, cancellationToken);
            }
            catch (Exception e) when (e is AccountDirectoryException or ToolException or IOException)
            {
                failures.Add(e.Message);
            }
        }

        return new AttackResult(
            attack.Id,
            attack.Title,
            failures.Count > 0 ? AttackOutcome.Failed : skipped is not null ? AttackOutcome.Skipped : AttackOutcome.Ok,
            Math.Round(time.GetElapsedTime(began).TotalSeconds, 3),
            failures.Count > 0 ? failures : skipped is not null ? [skipped] : []);
    }

    /// <returns>Why it could not be made; null when it was.</returns>
    private async Task<string?> MakeAsync(Attack attack, Run run, List<string> failures, CancellationToken cancellationToken)
    {
        var ground = await AttackGround.MakeAsync(attack, Folder, run.Name, run.Scale, run.Target, tool);
        var attacker = new JobLife(Guid.NewGuid());
        var neighbour = new JobLife(Guid.NewGuid());
        AgentProcess? beside = null;
        string? skipped = null;
        int? exitCode = null;
        var wasMade = false;
        try
        {
            beside = attack.Beside is null ? null : await StartBesideAsync(neighbour, ground, cancellationToken);
            await accounts.CreateAsync(attacker, cancellationToken);
            skipped = await ground.PrepareAsync(attacker.Account!.Home, attacker.Account.Id);
            if (skipped is null)
            {
                exitCode = await RunScriptAsync(attacker, ground, failures, cancellationToken);
                wasMade = true;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Torn down like any other.
        }
        catch (Exception e) when (e is AccountDirectoryException or ToolException or IOException)
        {
            failures.Add(e.Message);
        }

        var lines = Output(attacker.Job);
        skipped ??= AttackJudge.SkipReason(lines);
        var found = await TearDownAsync(attacker, ground, failures);
        if (wasMade && skipped is null)
        {
            failures.AddRange(AttackJudge.Failures(attack, lines, exitCode, found));
        }

        if (beside is not null)
        {
            using (beside)
            {
                await EndBesideAsync(neighbour, beside, ground, failures);
            }
        }

        if (attack.Beside is not null)
        {
            _ = await TearDownAsync(neighbour, ground, failures);
        }

        await EmptyTrashAsync(run.IsAlone);
        if (attacker.Account is { } account)
        {
            await LookAsync([account, .. neighbour.Account is { } other ? new[] { other } : []], attack, ground, run, failures);
        }

        return skipped;
    }

    private async Task LookAsync(IReadOnlyList<JobAccount> gone, Attack attack, AttackGround ground, Run run, List<string> failures)
    {
        var attacker = gone[0];
        try
        {
            failures.AddRange(await ground.LookAsync(attacker.Home, attacker.Id));
            foreach (var account in gone)
            {
                run.Uids.Add(account.Id);
                failures.AddRange((await _oracle.LookAsync(Suspect(account, attack, ground), CancellationToken.None)).Select(left => $"left: {left}"));
                failures.AddRange((await directory.FindTracesAsync(account.Name, account.Id, account.GeneratedUid, CancellationToken.None)).Select(trace => $"left: {trace}"));
            }

            failures.AddRange(await _oracle.SecretsAsync(ground.SecretFile, Roots, CancellationToken.None));
            failures.AddRange(await ground.Canaries.ChangesAsync());
        }
        finally
        {
            await ground.UndoAsync(attacker.Home, attacker.Id);
        }
    }

    private async Task<int?> RunScriptAsync(JobLife life, AttackGround ground, List<string> failures, CancellationToken cancellationToken)
    {
        using var process = launcher.StartProgram(life.Job, life.Account!, ["/bin/bash", ground.Script], ground.Variables);
        process.Go();
        try
        {
            await process.Exited.WaitAsync(ScriptLimit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            failures.Add($"its script did not end within {ScriptLimit.TotalMinutes} min");
        }
        finally
        {
            // Until it has become the account's, the account's teardown would not find it.
            process.Signal(Signal.Kill);
        }

        return await process.Ended;
    }

    private async Task<AgentProcess> StartBesideAsync(JobLife life, AttackGround ground, CancellationToken cancellationToken)
    {
        await accounts.CreateAsync(life, cancellationToken);
        var process = launcher.StartProgram(life.Job, life.Account!, ["/bin/bash", ground.BesideScript], ground.BesideVariables);
        try
        {
            process.Go();
            ground.Meet(life.Account!.Home, process.Identity.Pid);
            for (var began = time.GetTimestamp(); !Output(life.Job, keep: true).Contains(Ready); await Task.Delay(Look, time, cancellationToken))
            {
                if (process.Exited.IsCompleted || time.GetElapsedTime(began) > BesideLimit)
                {
                    throw new IOException($"the script in the account beside is not ready within {BesideLimit.TotalSeconds} s");
                }
            }

            return process;
        }
        catch
        {
            process.Signal(Signal.Kill);
            process.Dispose();
            throw;
        }
    }

    private async Task EndBesideAsync(JobLife life, AgentProcess process, AttackGround ground, List<string> failures)
    {
        if (process.Exited.IsCompleted)
        {
            failures.Add("the account beside was hit: its script has ended");
        }

        await File.WriteAllTextAsync(ground.End, "", CancellationToken.None);
        try
        {
            await process.Exited.WaitAsync(BesideLimit, time, CancellationToken.None);
            if (await process.Ended is var exitCode and not 0)
            {
                failures.Add($"the script in the account beside ended with {exitCode}");
            }
        }
        catch (TimeoutException)
        {
            failures.Add("the account beside was hit: its script does not end");
            process.Signal(Signal.Kill);
        }

        failures.AddRange(AttackJudge.Breaches(Output(life.Job)));
    }

    /// <returns>What was found.</returns>
    private async Task<IReadOnlyList<Residue>> TearDownAsync(JobLife life, AttackGround ground, List<string> failures)
    {
        var report = await teardown.RunAsync(life, _ => { }, CancellationToken.None);
        if (!report.IsClean)
        {
            failures.AddRange(report.Remaining.Select(residue => $"teardown: {residue}"));

            // What a first attempt could not remove shall at least not stay: this machine was clean before.
            if (life.Account is { } account)
            {
                await ground.UndoAsync(account.Home, account.Id);
            }

            if ((await teardown.RunAsync(life, _ => { }, CancellationToken.None)).IsClean)
            {
                dirty.Leave();
            }
        }

        return report.Found;
    }

    private async Task<AttackResult> LookEverywhereAsync(Run run, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var left = await _oracle.FilesOnMachineAsync(run.Uids, cancellationToken);
        return new AttackResult(
            "whole-machine",
            "No file of any of these accounts is anywhere on the machine",
            left.Count == 0 ? AttackOutcome.Ok : AttackOutcome.Failed,
            Math.Round(time.GetElapsedTime(began).TotalSeconds, 3),
            left);
    }

    private async Task<AttackTarget> TargetAsync(CancellationToken cancellationToken)
    {
        var state = paths.Value.State;
        string?[] secrets = [Path.Combine(state, JournalFile.FileName), Path.Combine(state, Trash.FolderName), paths.Value.Logs, buildkite.Value.TokenFile];
        string?[] own = [state, paths.Value.Homes, paths.Value.Run, Folder, helper.Program, agent.Path, agentOptions.Value.HooksPath];
        return new AttackTarget(
            Environment.ProcessId,
            await IsAnsweredAsync(http.Value.Port, cancellationToken) ? http.Value.Port : null,
            ControlSocket.PathIn(paths.Value),
            [.. secrets.OfType<string>().Where(Path.Exists)],
            [.. own.OfType<string>().Where(Path.Exists)],
            places.All,
            IsolationOracle.WholeMachine,
            platformOptions.Value.Root);
    }

    private static async Task<bool> IsAnsweredAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private IReadOnlyList<string> Roots => [paths.Value.Homes, paths.Value.State, paths.Value.Logs, paths.Value.Run, .. places.All];

    private Suspect Suspect(JobAccount account, Attack attack, AttackGround ground) =>
        new(account.Name, account.Id, ground.Mark, ground.Port, attack.LooksEverywhere ? [.. Roots, .. IsolationOracle.WholeMachine] : Roots);

    private List<string> Output(Guid id, bool keep = false)
    {
        var log = launcher.AgentLog(id);
        if (!File.Exists(log))
        {
            return [];
        }

        var lines = new List<string>();
        using (var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)))
        {
            while (reader.ReadLine() is { } line)
            {
                lines.Add(line);
            }
        }

        if (!keep)
        {
            File.Delete(log);
        }

        return lines;
    }

    private void RemoveFolder()
    {
        using var state = platform.Files.OpenDirectory(paths.Value.State);
        if (platform.Files.Stat(state, FolderName) is not null)
        {
            trash.Take(paths.Value.State, state, FolderName);
            trash.Announce();
        }
    }

    // A running daemon does it by itself.
    private async Task EmptyTrashAsync(bool isAlone)
    {
        if (isAlone)
        {
            trash.Empty(places.OfTrash, CancellationToken.None);
            return;
        }

        var folder = Path.Combine(paths.Value.State, Trash.FolderName);
        for (var began = time.GetTimestamp(); Directory.EnumerateFileSystemEntries(folder).Any() && time.GetElapsedTime(began) < TrashLimit;)
        {
            await Task.Delay(Look, time, CancellationToken.None);
        }
    }

    /// <summary>What the attacks of one run share.</summary>
    private sealed record Run(string Name, AttackScale Scale, AttackTarget Target, bool IsAlone, HashSet<uint> Uids);
}
