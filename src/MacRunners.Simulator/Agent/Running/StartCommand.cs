using MacRunners.Simulator.Agent.Flags;

namespace MacRunners.Simulator.Agent.Running;

/// <summary><c>buildkite-agent start</c>.</summary>
internal static class StartCommand
{
    private const string Welcome = """

           _           _ _     _ _    _ _                                _
          | |         (_) |   | | |  (_) |                              | |
          (stub agent of the MacRunners simulator)

        """;

    public static async Task<int> RunAsync(string[] arguments, TimeProvider time)
    {
        var flags = FlagSet.Parse(StartFlags.All, arguments, Environment.GetEnvironmentVariable);
        if (flags.HelpAsked)
        {
            Usage.Show("start", StartFlags.All);
            return 0;
        }

        var file = ConfigFile.Find(flags.PathOf("config"));
        if (file is not null)
        {
            flags.AddFile(file);
        }

        var settings = StartSettings.From(flags, file);
        var retryTime = RetryTime.From(time, Environment.GetEnvironmentVariable(RetryTime.Variable));
        HideOwnVariables();
        var log = Log(flags, time);
        if (flags.Text("log-format") == "text")
        {
            Processes.StandardStreams.WriteLine(Processes.StandardStreams.Error, Welcome);
        }

        log.Notice($"Starting {AgentSelf.Name} v{AgentVersion.Number} with PID: {Environment.ProcessId}");
        if (file is not null)
        {
            log.Info($"Configuration loaded path={file.Path}");
        }

        if (!Directory.Exists(settings.BuildPath))
        {
            log.Info($"Build Path doesn't exist, creating it ({settings.BuildPath})");
            CreateBuildPath(settings.BuildPath);
        }

        await new AgentSession(settings, log, time, retryTime).RunAsync();
        return 0;
    }

    /// <summary>No variable of a flag reaches a job, hook or bootstrap, the token's least of all.</summary>
    private static void HideOwnVariables()
    {
        foreach (var name in StartFlags.All.SelectMany(flag => flag.Variables).Append(RetryTime.Variable))
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    private static AgentLog Log(FlagSet flags, TimeProvider time)
    {
        var level = flags.On("debug") ? AgentLogLevel.Debug
            : Enum.TryParse<AgentLogLevel>(flags.Text("log-level"), ignoreCase: true, out var named) ? named : AgentLogLevel.Notice;
        return new AgentLog(flags.Text("log-format") == "json", colours: !flags.On("no-color"), level, time);
    }

    private static void CreateBuildPath(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentFailureException($"failed to create builds path: {e.Message}", inner: e);
        }
    }
}
