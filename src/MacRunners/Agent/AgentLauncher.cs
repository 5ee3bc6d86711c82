using System.Diagnostics;
using System.Globalization;
using MacRunners.Accounts;
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
    TimeProvider time)
{
    private const UnixFileMode RootOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private string ConfigFile => Path.Combine(paths.Value.Run, "agent.cfg");

    /// <summary>
    /// Writes the agent's configuration file: empty, but named explicitly, because otherwise the agent searches places
    /// that a job of an earlier day could have written to. Removes output pipes that nobody needs any more.
    /// </summary>
    /// <param name="living">Jobs whose agents live.</param>
    public void Prepare(IReadOnlySet<Guid> living)
    {
        File.WriteAllText(ConfigFile, "# Deliberately empty: macrunners passes every setting as a flag.\n");
        File.SetUnixFileMode(ConfigFile, RootOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        _ = Directory.CreateDirectory(OutputFolder, RootOnly | UnixFileMode.UserExecute);
        var needed = living.Select(OutputPipe).ToHashSet();
        foreach (var stale in Directory.EnumerateFiles(OutputFolder).Where(pipe => !needed.Contains(pipe)))
        {
            File.Delete(stale);
        }
    }

    /// <summary>Starts the agent for a job. It waits until <see cref="AgentProcess.Go"/>.</summary>
    /// <exception cref="AgentUnusableException">The binary cannot be used.</exception>
    /// <exception cref="IOException">The process could not be started.</exception>
    public async Task<AgentProcess> StartAsync(Guid job, JobAccount account, string acquisitionToken, CancellationToken cancellationToken)
    {
        var version = await binary.GetVersionAsync(cancellationToken);
        var commandLine = new AgentCommandLine(agent.Value, jobs.Value, buildkite.Value, ConfigFile, accounts.Value.Shell, platform.Places.ExecutableSearchPath);
        var pipe = OutputPipe(job);
        File.Delete(pipe);
        platform.Files.MakeFifo(pipe, RootOnly);
        var reader = platform.Files.OpenFifo(pipe);
        try
        {
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
                commandLine.Environment(account, acquisitionToken));
            return AgentProcess.Started(process, platform, Output(reader, job), pipe, jobs.Value, time);
        }
        catch
        {
            reader.Dispose();
            File.Delete(pipe);
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

        return AgentProcess.Adopted(run.Process, platform, Output(platform.Files.OpenFifo(pipe), job), pipe, jobs.Value, time);
    }

    /// <summary>Where the agent's own output of a job is kept.</summary>
    public string AgentLog(Guid job) => Path.Combine(paths.Value.Logs, "jobs", $"{job}.agent.log");

    private string OutputFolder => Path.Combine(paths.Value.Run, "output");

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

    private string OutputPipe(Guid job) => Path.Combine(OutputFolder, job.ToString());

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
