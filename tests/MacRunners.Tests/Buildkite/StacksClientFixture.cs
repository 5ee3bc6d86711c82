using System.Collections.Concurrent;
using MacRunners.Buildkite;

namespace MacRunners.Tests.Buildkite;

/// <summary>A client wired to a fake service, an eager clock and no randomness, and a record of what its observer was told.</summary>
internal sealed class StacksClientFixture : IAsyncDisposable, IAgentTokenSource, IApiObserver
{
    public const string Token = "bkct_secret-of-the-cluster";

    // Distinct from every wait, so that the clock can tell time limits and waits apart.
    public static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(29);
    public static readonly TimeSpan HastyLimit = TimeSpan.FromSeconds(2);

    private readonly HttpMessageHandler _handler = ApiConnections.Create();
    private readonly ConcurrentQueue<ApiAttempt> _attempts = new();
    private string _token = Token;

    private StacksClientFixture(FakeService service, BuildkiteClientOptions options, TimeSpan attemptLimit, double jitter)
    {
        Service = service;
        Time = new EagerTime(attemptLimit);
        Client = new StacksClient(options, this, Time, this, _handler, ownsHandler: true, () => jitter);
    }

    public FakeService Service { get; }

    public EagerTime Time { get; }

    public StacksClient Client { get; }

    public IReadOnlyList<ApiAttempt> Attempts => [.. _attempts];

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<StacksClientFixture> StartAsync(
        Func<Uri, BuildkiteClientOptions>? options = null, TimeSpan? attemptLimit = null, double jitter = 0)
    {
        var service = await FakeService.StartAsync();
        options ??= endpoint => new BuildkiteClientOptions { Endpoint = endpoint, RequestTimeout = AttemptLimit };
        return new StacksClientFixture(service, options(service.Endpoint), attemptLimit ?? AttemptLimit, jitter);
    }

    public void ChangeToken(string token) => _token = token;

    public ValueTask<string> GetTokenAsync(CancellationToken cancellation) => ValueTask.FromResult(_token);

    public void Completed(ApiAttempt attempt) => _attempts.Enqueue(attempt);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _handler.Dispose();
        await Service.DisposeAsync();
    }
}
