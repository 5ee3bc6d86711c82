using MacRunners.Simulator.Agent.Api;
using MacRunners.Simulator.Agent.Flags;
using MacRunners.Simulator.Agent.Processes;
using MacRunners.Simulator.Agent.Running;

namespace MacRunners.Simulator.Agent.JobCommands;

/// <summary><c>buildkite-agent meta-data exists|get|set|keys</c>, called from inside a job with the job's token.</summary>
internal static class MetaDataCommand
{
    private const int Absent = 100;

    public static async Task<int> RunAsync(string[] arguments, TimeProvider time)
    {
        var verb = arguments.FirstOrDefault() ?? "";
        var flags = FlagSet.Parse(JobFlags.Api, arguments.Skip(1).ToArray(), Environment.GetEnvironmentVariable);
        var retryTime = RetryTime.From(time, Environment.GetEnvironmentVariable(RetryTime.Variable));
        var log = new AgentLog(json: false, colours: !flags.On("no-color"), AgentLogLevel.Notice, time);
        var key = flags.Arguments.FirstOrDefault() ?? "";
        foreach (var (setting, value) in new[] { ("key", verb == "keys" ? "-" : key), ("job", flags.Text("job")), ("agent-access-token", flags.Text("agent-access-token")) })
        {
            if (value.Length == 0)
            {
                throw new MissingSettingException(setting, verb);
            }
        }

        var api = new AgentApi(flags.Text("endpoint"), flags.Text("agent-access-token"), http2: !flags.On("no-http2"));
        var job = flags.Text("job");
        try
        {
            return verb switch
            {
                "exists" => await RetryAsync(RetryPlan.DataExists, () => api.DataExistsAsync(job, key, CancellationToken.None)) is { Exists: true } ? 0 : Absent,
                "get" => await GetAsync(),
                "set" => await SetAsync(),
                "keys" => Show(string.Join('\n', await RetryAsync(RetryPlan.DataGet, () => api.DataKeysAsync(job, CancellationToken.None)))),
                _ => throw new AgentFailureException($"meta-data knows exists, get, set and keys, not \"{verb}\""),
            };
        }
        catch (AgentApiException e)
        {
            throw new AgentFailureException($"failed to {verb} meta-data: {e.Message}", inner: e);
        }

        async Task<int> GetAsync()
        {
            try
            {
                return Show((await RetryAsync(RetryPlan.DataGet, () => api.DataGetAsync(job, key, CancellationToken.None))).Value ?? "");
            }
            catch (AgentApiException e) when (e.Status == System.Net.HttpStatusCode.NotFound && flags.IsSet("default"))
            {
                return Show(flags.Text("default"));
            }
        }

        async Task<int> SetAsync()
        {
            var value = flags.Arguments.Count > 1 ? flags.Arguments[1] : await ReadInputAsync();
            if (value.Trim().Length == 0)
            {
                throw new AgentFailureException("value cannot be empty, or composed of only whitespace characters");
            }

            return await RetryAsync(RetryPlan.DataSet, async () =>
            {
                await api.DataSetAsync(job, key, value, CancellationToken.None);
                return 0;
            });
        }

        Task<T> RetryAsync<T>(RetryPlan plan, Func<Task<T>> call) => new Retrier(plan, retryTime, log.Warn).RunAsync(
            (_, _) => call(), failure => new Retrier.Verdict(Stop: (int?)failure.Status is 401 or 404), CancellationToken.None);
    }

    private static int Show(string text)
    {
        StandardStreams.Write(StandardStreams.Output, System.Text.Encoding.UTF8.GetBytes(text));
        return 0;
    }

    private static async Task<string> ReadInputAsync()
    {
        using var reader = new StreamReader(new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(0, ownsHandle: false), FileAccess.Read));
        return await reader.ReadToEndAsync();
    }
}
