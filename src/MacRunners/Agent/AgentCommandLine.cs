using System.Globalization;
using MacRunners.Accounts;
using MacRunners.Settings;

namespace MacRunners.Agent;

/// <summary>
/// Arguments and environment of the agent. An unknown flag makes an agent refuse to start, so flags are chosen by
/// version. An acquisition token travels in the environment only, the agent token in neither.
/// </summary>
internal sealed class AgentCommandLine(
    AgentOptions agent, JobsOptions jobs, BuildkiteOptions buildkite, string configFile, string loginShell, string searchPath, string? developerFolder)
{
    // The agent kills a cancelled command this long before its whole cancel grace is over, and uses the rest for hooks.
    private static readonly TimeSpan HooksShare = TimeSpan.FromSeconds(1);

    /// <summary>Arguments after the binary's path.</summary>
    public IReadOnlyList<string> Arguments(AgentVersion version, Guid job, JobAccount account)
    {
        List<string> arguments =
        [
            "start",
            "--acquire-job", job.ToString(),
            "--config", configFile,
            "--endpoint", buildkite.Endpoint.AbsoluteUri.TrimEnd('/'),
            "--name", AgentName(job),
            "--tags", string.Join(',', buildkite.Tags.Prepend($"queue={buildkite.Queue}")),
            "--build-path", Path.Combine(account.Home, JobHome.Workspace),
            "--plugins-path", Path.Combine(account.Home, JobHome.Plugins),
            "--sockets-path", Path.Combine(account.Home, JobHome.Sockets),
            "--shell", agent.Shell,
            "--log-format", "json",
            "--no-color",
        ];
        if (agent.HooksPath is { } hooks)
        {
            arguments.AddRange(["--hooks-path", hooks]);
        }

        if (jobs.NoOutputTimeout > TimeSpan.Zero)
        {
            // A job's output does not come past here otherwise.
            arguments.Add("--write-job-logs-to-stdout");
        }

        if (version.IsAtLeast(4, 0))
        {
            arguments.AddRange(["--cancel-signal-timeout", Duration(jobs.CancelGrace - HooksShare), "--cancel-cleanup-timeout", Duration(HooksShare)]);
        }
        else
        {
            arguments.AddRange(["--cancel-grace-period", Seconds(jobs.CancelGrace), "--signal-grace-period-seconds", Seconds(jobs.CancelGrace - HooksShare)]);
        }

        if (version.IsAtLeast(3, 119))
        {
            arguments.AddRange(["--ping-mode", "poll-only"]);
        }

        arguments.AddRange(agent.Flags);
        return arguments;
    }

    /// <summary>The whole environment: nothing of the daemon's own is inherited.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="credential">What it registers with.</param>
    public IReadOnlyDictionary<string, string> Environment(JobAccount account, AgentCredential credential)
    {
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = account.Home,
            ["USER"] = account.Name,
            ["LOGNAME"] = account.Name,
            ["SHELL"] = loginShell,
            ["PATH"] = searchPath,
            ["TMPDIR"] = Path.Combine(account.Home, JobHome.Temporary),
            ["XDG_CACHE_HOME"] = Path.Combine(account.Home, JobHome.Caches),
            ["LANG"] = "en_US.UTF-8",
        };
        if (developerFolder is not null)
        {
            environment["DEVELOPER_DIR"] = developerFolder;
        }

        foreach (var (name, value) in agent.Environment)
        {
            environment[name] = value;
        }

        // Last, so that nothing configured can stand in for it.
        if (credential is AgentCredential.Acquisition { Token: var token })
        {
            environment["BUILDKITE_AGENT_TOKEN"] = token;
        }

        return environment;
    }

    // Short, since it becomes part of the checkout's path and compilers on macOS meet path limits; unique among the jobs of this machine.
    private static string AgentName(Guid job)
    {
        var host = System.Environment.MachineName.Split('.')[0];
        return $"{host[..Math.Min(host.Length, 20)]}-{job.ToString("N")[..8]}";
    }

    private static string Seconds(TimeSpan value) => ((int)value.TotalSeconds).ToString(CultureInfo.InvariantCulture);

    private static string Duration(TimeSpan value) => $"{Seconds(value)}s";
}
