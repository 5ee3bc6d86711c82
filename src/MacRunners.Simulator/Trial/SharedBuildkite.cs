using System.Security.Cryptography;
using MacRunners.Simulator.Git;
using MacRunners.Simulator.Serve;

namespace MacRunners.Simulator.Trial;

/// <summary>A local Buildkite with the demo's repository and a token of its own, for one or several trial machines.</summary>
/// <param name="Server">The running service.</param>
/// <param name="ClusterToken">Its cluster token.</param>
internal sealed record SharedBuildkite(SimulatorServer Server, string ClusterToken) : IAsyncDisposable
{
    /// <summary>Starts one.</summary>
    /// <param name="repositories">Existing folder for the repositories it serves.</param>
    /// <param name="options">How it behaves; token and repositories are set here.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    public static async Task<SharedBuildkite> StartAsync(string repositories, SimulatorOptions? options, CancellationToken cancellationToken)
    {
        var token = $"bkct_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20))}";
        _ = await DemoRepository.CreateAsync(repositories, cancellationToken);
        var server = await SimulatorServer.StartAsync(
            (options ?? new SimulatorOptions { ClusterTokens = [] }) with { ClusterTokens = [token], Repositories = repositories },
            TimeProvider.System,
            cancellationToken);
        return new SharedBuildkite(server, token);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
