using System.CommandLine;
using System.Net;

namespace MacRunners.Simulator.Serve;

/// <summary>The verb <c>serve</c>.</summary>
internal static class ServeCommand
{
    private static readonly SimulatorOptions Defaults = new() { ClusterTokens = [] };

    public static Command Create()
    {
        var listen = new Option<string>("--listen")
        {
            Description = "Address to listen on; port 0 takes a free one.",
            DefaultValueFactory = _ => "127.0.0.1:0",
        };
        var token = new Option<string[]>("--token") { Description = "Agent token of the cluster. May be repeated." };
        var tokenFile = new Option<FileInfo?>("--token-file") { Description = "File with the agent token, so that it is in no process list." };
        var queue = new Option<string[]>("--queue") { Description = "Queue of the cluster. May be repeated; the first is the default queue." };
        var quota = Number("--stack-quota", "How many stacks may be registered.", Defaults.StackQuota);
        var reservation = Number(
            "--reservation-seconds", "Length of a reservation that names none.", (int)Defaults.ReservationDefault.TotalSeconds);
        var reservationMaximum = Number(
            "--reservation-max-seconds", "Longest reservation that may be asked for.", (int)Defaults.ReservationMaximum.TotalSeconds);
        var lost = Number(
            "--lost-agent-after-seconds", "Silence after which an agent counts as lost.", (int)Defaults.LostAgentAfter.TotalSeconds);
        var heartbeat = Number("--heartbeat-interval", "Seconds between heartbeats, told to agents.", Defaults.HeartbeatIntervalSeconds);
        var status = Number("--job-status-interval", "Seconds between looks at the job, told to agents.", Defaults.JobStatusIntervalSeconds);
        var logMaximum = new Option<long>("--log-max-bytes")
        {
            Description = "Largest job log.",
            DefaultValueFactory = _ => Defaults.LogMaxSizeBytes,
        };
        var repositories = new Option<DirectoryInfo?>("--repositories") { Description = "Folder of bare repositories, served as /git/<name>.git." };
        var demo = new Option<bool>("--demo-repository") { Description = "Create demo.git in that folder if it is missing." };
        var allowRemote = new Option<bool>("--allow-remote") { Description = "Allow an address that other machines can reach." };

        var command = new Command("serve", "Run a local, strict Buildkite: Stacks API, Agent API, control surface, git over HTTP.")
        {
            listen, token, tokenFile, queue, quota, reservation, reservationMaximum, lost, heartbeat, status, logMaximum,
            repositories, demo, allowRemote,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                var options = Defaults with
                {
                    Listen = ParseAddress(parsed.GetValue(listen)!),
                    ClusterTokens = await TokensAsync(parsed.GetValue(token) ?? [], parsed.GetValue(tokenFile), cancellation),
                    Queues = parsed.GetValue(queue) is { Length: > 0 } queues ? queues : Defaults.Queues,
                    StackQuota = parsed.GetValue(quota),
                    ReservationDefault = TimeSpan.FromSeconds(parsed.GetValue(reservation)),
                    ReservationMaximum = TimeSpan.FromSeconds(parsed.GetValue(reservationMaximum)),
                    LostAgentAfter = TimeSpan.FromSeconds(parsed.GetValue(lost)),
                    HeartbeatIntervalSeconds = parsed.GetValue(heartbeat),
                    JobStatusIntervalSeconds = parsed.GetValue(status),
                    LogMaxSizeBytes = parsed.GetValue(logMaximum),
                    Repositories = parsed.GetValue(repositories)?.FullName,
                    DemoRepository = parsed.GetValue(demo),
                    AllowRemote = parsed.GetValue(allowRemote),
                };
                return await RunAsync(options, parsed.InvocationConfiguration.Output, cancellation);
            }
            catch (Exception exception) when (exception is ArgumentException or IOException or UnauthorizedAccessException)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"macrunners-sim serve: {exception.Message}");
                return 1;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(SimulatorOptions options, TextWriter output, CancellationToken cancellation)
    {
        await using var server = await SimulatorServer.StartAsync(options, TimeProvider.System, cancellation);
        await output.WriteLineAsync($"listening on {server.Address.GetLeftPart(UriPartial.Authority)}");
        await output.FlushAsync(cancellation);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellation.Register(stopped.SetResult))
        {
            await stopped.Task;
        }

        return 0;
    }

    private static IPEndPoint ParseAddress(string text) =>
        IPEndPoint.TryParse(text.Replace("localhost:", "127.0.0.1:", StringComparison.Ordinal), out var endpoint)
            ? endpoint
            : throw new ArgumentException($"--listen {text}: give address:port, for example 127.0.0.1:0.");

    private static async Task<IReadOnlyList<string>> TokensAsync(string[] given, FileInfo? file, CancellationToken cancellation) =>
        file is null ? given : [.. given, (await File.ReadAllTextAsync(file.FullName, cancellation)).Trim()];

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
