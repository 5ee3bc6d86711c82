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
    TimeProvider time,
    ILogger<AgentLauncher> logger)
{
    private const UnixFileMode RootOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // To be passed through, not looked into.
    private const UnixFileMode SearchOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private string ConfigFile => Path.Combine(paths.Value.Run, "agent.cfg");

    /// <summary>
    /// Writes the agent's configuration file: empty, but named explicitly, because otherwise the agent searches places
    /// that a job of an earlier day could have written to. Removes output and token pipes that nobody needs any more.
    /// </summary>
    /// <param name="living">Jobs whose agents live.</param>
    public void Prepare(IReadOnlySet<Guid> living)
    {
        File.WriteAllText(ConfigFile, "# Deliberately empty: macrunners passes every setting as a flag.\n");
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
        var configFile = credential is AgentCredential.AgentToken ? TokenFile(job) : ConfigFile;
        var commandLine = new AgentCommandLine(agent.Value, jobs.Value, buildkite.Value, configFile, accounts.Value.Shell, platform.Places.ExecutableSearchPath);
        var pipe = OutputPipe(job);
        File.Delete(pipe);
        platform.Files.MakeFifo(pipe, RootOnly);
        var reader = platform.Files.OpenFifo(pipe);
        try
        {
            if (credential is AgentCredential.AgentToken)
            {
                TokenPipe.Make(platform.Files, configFile, account.Id);
            }

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
                        "--",
                        binary.Path,
                        .. commandLine.Arguments(version, job, account),
                    ]),
                ],
                commandLine.Environment(account, credential));
            var started = AgentProcess.Started(process, platform, Output(reader, job), pipe, jobs.Value, time);
            if (credential is AgentCredential.AgentToken)
            {
                started.HandOver(Token(job), jobs.Value.StartDeadline);
            }

            return started;
        }
        catch
        {
            reader.Dispose();
            File.Delete(pipe);
            File.Delete(TokenFile(job));
            throw;
        }
    }

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

        var adopted = AgentProcess.Adopted(run.Process, platform, Output(platform.Files.OpenFifo(pipe), job), pipe, jobs.Value, time);
        if (File.Exists(TokenFile(job)))
        {
            // The daemon was gone before the agent asked for the token: it still does.
            adopted.HandOver(Token(job), jobs.Value.StartDeadline - time.GetElapsedTime(run.StartedAt));
        }

        return adopted;
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
