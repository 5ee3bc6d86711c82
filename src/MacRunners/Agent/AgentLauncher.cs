using System.Diagnostics;
using System.Globalization;
using MacRunners.Accounts;
using MacRunners.Hosting;
using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Agent;

/// <summary>
/// Starts the agent as the job's account: <c>[launchctl asuser UID] macrunners exec-as … -- buildkite-agent start …</c>.
/// Each of these executes the next in its own place, so the child's number is the agent's. Or takes one up again that an
/// earlier run of the daemon started.
/// </summary>
internal sealed class AgentLauncher(
    IPlatform platform,
    HelperCommand helper,
    AgentBinary binary,
    IOptions<AgentOptions> agent,
    IOptions<AccountsOptions> accounts,
    IOptions<JobsOptions> jobs,
    IOptions<BuildkiteOptions> buildkite,
    IOptions<PathsOptions> paths,
    IAgentToken agentToken,
    CurrentAgentLog current,
    TimeProvider time,
    ILogger<AgentLauncher> logger)
{
    private const UnixFileMode RootOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // To be passed through, not looked into.
    private const UnixFileMode SearchOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    // Of a program that misbehaves, in a message.
    private const int MostOutput = 500;

    private string ConfigFile => Path.Combine(paths.Value.Run, "agent.cfg");

    /// <summary>
    /// Writes the agent's configuration file: empty, but named explicitly, because otherwise the agent searches places
    /// that a job of an earlier day could have written to. Removes output and token pipes that nobody needs any more.
    /// </summary>
    /// <param name="living">Jobs whose agents live.</param>
    public void Prepare(IReadOnlySet<Guid> living)
    {
        const string content = "# Deliberately empty: macrunners passes every setting as a flag.\n";
        if (!File.Exists(ConfigFile) || File.ReadAllText(ConfigFile) != content)
        {
            // Not for nothing: the disk may be full, which is no reason not to start.
            File.WriteAllText(ConfigFile, content);
        }

        File.SetUnixFileMode(ConfigFile, RootOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        _ = Directory.CreateDirectory(OutputFolder, RootOnly | UnixFileMode.UserExecute);
        KeepOnly(living.Select(OutputPipe), OutputFolder);
        _ = Directory.CreateDirectory(TokenFolder);
        File.SetUnixFileMode(TokenFolder, SearchOnly);
        KeepOnly(buildkite.Value.AllowAgentTokenFallback ? living.Select(TokenFile) : [], TokenFolder);
    }

    /// <summary>Starts the agent for a job. It waits until <see cref="AgentProcess.Go"/>.</summary>
    /// <exception cref="AgentUnusableException">The binary cannot be used.</exception>
    /// <exception cref="IOException">The process could not be started.</exception>
    public async Task<AgentProcess> StartAsync(Guid job, JobAccount account, AgentCredential credential, CancellationToken cancellationToken)
    {
        var version = await binary.GetVersionAsync(cancellationToken);
        current.LeadTo(AgentLog(job));
        if (credential is not AgentCredential.AgentToken)
        {
            return Start(job, account, [binary.Path, .. CommandLine(ConfigFile).Arguments(version, job, account)], CommandLine(ConfigFile).Environment(account, credential));
        }

        var configFile = TokenFile(job);
        TokenPipe.Make(platform.Files, configFile, account.Id);
        try
        {
            var process = Start(job, account, [binary.Path, .. CommandLine(configFile).Arguments(version, job, account)], CommandLine(configFile).Environment(account, credential));
            process.HandOver(Token(job), jobs.Value.StartDeadline);
            return process;
        }
        catch
        {
            File.Delete(configFile);
            throw;
        }
    }

    /// <summary>Tries the way of an agent into an account: runs <c>buildkite-agent --version</c> there, without any token.</summary>
    /// <param name="id">Stands for a job.</param>
    /// <param name="account">Where.</param>
    /// <param name="cancellationToken">Ends it; what the program itself started is left to the account's teardown.</param>
    /// <returns>What went wrong; null when nothing did.</returns>
    /// <exception cref="AgentUnusableException">The binary cannot be used.</exception>
    /// <exception cref="IOException">The process could not be started.</exception>
    public async Task<string?> TryVersionAsync(Guid id, JobAccount account, CancellationToken cancellationToken)
    {
        var version = await binary.GetVersionAsync(cancellationToken);
        var log = AgentLog(id);
        try
        {
            using var process = StartProgram(id, account, [binary.Path, "--version"], new Dictionary<string, string>());
            process.Go();
            try
            {
                await process.Exited.WaitAsync(AgentBinary.VersionLimit, time, cancellationToken);
            }
            finally
            {
                // Until it has become the account's, the account's teardown would not find it.
                process.Signal(Signal.Kill);
            }

            var exitCode = await process.Ended;
            var output = await File.ReadAllTextAsync(log, cancellationToken);
            return exitCode == 0 && output.Contains($"version {version}", StringComparison.Ordinal)
                ? null
                : $"{binary.Path} --version did not work in the account {account.Name} (exit code {exitCode}): {output[..Math.Min(output.Length, MostOutput)].ReplaceLineEndings(" / ")}";
        }
        catch (TimeoutException)
        {
            return $"{binary.Path} --version did not end within {AgentBinary.VersionLimit.TotalSeconds} s in the account {account.Name}";
        }
        finally
        {
            File.Delete(log);
        }
    }

    /// <summary>Starts another program in the agent's place: the same way, limits and environment, but without any token. It waits until <see cref="AgentProcess.Go"/>.</summary>
    /// <param name="id">Stands for a job.</param>
    /// <param name="account">Where.</param>
    /// <param name="command">Absolute path and arguments.</param>
    /// <param name="variables">Added to the environment.</param>
    /// <exception cref="IOException">The process could not be started.</exception>
    public AgentProcess StartProgram(Guid id, JobAccount account, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> variables) => Start(
        id,
        account,
        command,
        new Dictionary<string, string>([.. CommandLine(ConfigFile).Environment(account, new AgentCredential.None()).Where(variable => !variables.ContainsKey(variable.Key)), .. variables]));

    /// <summary>Takes up an agent that an earlier run of the daemon started; its output has waited in the pipe.</summary>
    /// <exception cref="PosixException">There is no pipe and none can be made.</exception>
    public AgentProcess Adopt(Guid job, AgentRun run)
    {
        var pipe = OutputPipe(job);
        if (!File.Exists(pipe))
        {
            // Somebody emptied the folder. What the agent still says is lost, but it is watched like any other.
            platform.Files.MakeFifo(pipe, RootOnly);
        }

        var process = AgentProcess.Adopted(run.Process, platform, Output(platform.Files.OpenFifo(pipe), job), pipe, jobs.Value, time);
        if (File.Exists(TokenFile(job)))
        {
            // The daemon was gone before the agent asked for the token: it still does.
            process.HandOver(Token(job), jobs.Value.StartDeadline - time.GetElapsedTime(run.StartedAt));
        }

        return process;
    }

    /// <summary>Where the agent's own output of a job is kept.</summary>
    public string AgentLog(Guid job) => Path.Combine(paths.Value.Logs, "jobs", $"{job}.agent.log");

    private string OutputFolder => Path.Combine(paths.Value.Run, "output");

    private string TokenFolder => Path.Combine(paths.Value.Run, "token");

    private static void KeepOnly(IEnumerable<string> needed, string folder)
    {
        foreach (var stale in Directory.EnumerateFiles(folder).Except(needed).ToList())
        {
            File.Delete(stale);
        }
    }

    private AgentCommandLine CommandLine(string configFile) =>
        new(agent.Value, jobs.Value, buildkite.Value, configFile, accounts.Value.Shell, platform.Places.ExecutableSearchPath, DeveloperFolder.For(buildkite.Value.Tags, platform.Places.DeveloperFolders));

    private AgentProcess Start(Guid job, JobAccount account, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment)
    {
        var pipe = OutputPipe(job);
        File.Delete(pipe);
        platform.Files.MakeFifo(pipe, RootOnly);
        var reader = platform.Files.OpenFifo(pipe);
        try
        {
            platform.ControlGroups.Make(account.Id);
            var process = Start(
                [
                    .. platform.Domains.EnterCommand(account.Id),
                    helper.Program,
                    .. helper.Arguments(
                    [
                        "exec-as",
                        "--await", "stdin",
                        "--name", account.Name,
                        "--uid", Number(account.Id),
                        "--gid", Number(account.Id),
                        "--cwd", account.Home,
                        "--output", pipe,
                        "--open-files", Number(agent.Value.OpenFiles),
                        "--processes", Number(agent.Value.Processes),
                        "--grants", agent.Value.InheritGrants ? "inherit" : "disclaim",
                        .. agent.Value.MaxFileBytes > 0 ? ["--file-size", Number(agent.Value.MaxFileBytes)] : Array.Empty<string>(),
                        "--",
                        .. command,
                    ]),
                ],
                environment);
            return AgentProcess.Started(process, platform, Output(reader, job), pipe, jobs.Value, time);
        }
        catch
        {
            reader.Dispose();
            File.Delete(pipe);
            throw;
        }
    }

    private static Process Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(command[0]) { UseShellExecute = false, RedirectStandardInput = true, WorkingDirectory = "/" };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new IOException($"{command[0]} could not be started: {e.Message}", e);
        }
    }

    private AgentOutput Output(SafeFileHandle reader, Guid job) => new(platform.Files, reader, AgentLog(job), jobs.Value.MaxAgentOutputBytes, time);

    private TokenPipe Token(Guid job) => new(platform.Files, TokenFile(job), agentToken, time, logger);

    private string OutputPipe(Guid job) => Path.Combine(OutputFolder, job.ToString());

    private string TokenFile(Guid job) => Path.Combine(TokenFolder, job.ToString());

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
