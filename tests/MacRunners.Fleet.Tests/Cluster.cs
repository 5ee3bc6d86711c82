using MacRunners.Fleet.Commands;
using MacRunners.Fleet.Orka;
using MacRunners.Fleet.Orka.Cli;
using MacRunners.Fleet.Pipeline;
using MacRunners.Simulator.Discord;
using MacRunners.Simulator.Faults;
using MacRunners.Simulator.Orka;

namespace MacRunners.Fleet.Tests;

/// <summary>A simulated Orka on a real socket, and everything that talks to it.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    public const string Token = "canary-token-of-orka";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fleet-tests-");
    private readonly OrkaServer _server;

    private Cluster(OrkaServer server)
    {
        _server = server;
        Programs = SimulatedPrograms.Write(_folder.FullName, Simulator, server.Address, Token);
        File.WriteAllText(Path("manifest.json"), """
            {
              "images": [{ "macos": "14", "codename": "sonoma" }, { "macos": "15", "codename": "sequoia" }],
              "software": [
                {
                  "name": "node", "title": "Node.js", "version": "24.3.0", "upstream": true,
                  "install": { "by": "archive", "format": "zip", "topFolder": true, "links": { "node": "node" }, "downloads": {} },
                  "probe": { "program": "node", "arguments": [], "expects": "{version}" }
                }
              ]
            }
            """);
    }

    public static string Simulator { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "macrunners-sim");

    public SimulatedPrograms Programs { get; }

    public OrkaCluster State => _server.Cluster;

    public OrkaServer Server => _server;

    public Uri Address => _server.Address;

    public IReadOnlyList<string> Vms => [.. State.Store.List(OrkaPlural.Vms).Select(vm => (string)vm["metadata"]!["name"]!)];

    public IReadOnlyList<string> Images => [.. State.Store.List(OrkaPlural.Images).Select(image => (string)image["metadata"]!["name"]!)];

    public IReadOnlyList<string> Templates => [.. State.Store.List(OrkaPlural.VmConfigs).Select(config => (string)config["metadata"]!["name"]!)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Cluster> StartAsync(Func<OrkaOptions, OrkaOptions>? configure = null)
    {
        var options = new OrkaOptions { Token = Token, DeployDelay = TimeSpan.FromMilliseconds(50), SaveDelay = TimeSpan.FromMilliseconds(50), Images = ["base.img"] };
        return new Cluster(await OrkaServer.StartAsync(configure?.Invoke(options) ?? options, TimeProvider.System, Cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        foreach (var file in _folder.EnumerateFiles())
        {
            file.Delete();
        }

        _folder.Delete();
    }

    public string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    /// <summary>By custom resources.</summary>
    public async Task<IOrka> KubernetesAsync(string token = Token) => await (
        OrkaConnection.Create(Address.AbsoluteUri, token, OrkaNames.SharedNamespace, allowHttp: true) with { FirstRetryWait = TimeSpan.FromMilliseconds(10) })
        .ConnectAsync(TimeProvider.System, Cancellation);

    /// <summary>By the command line.</summary>
    public Orka3 Tool() => new(Programs.Orka3, OrkaNames.SharedNamespace, TimeProvider.System);

    public void Fault(string route, int status, int? count = null, double? retryAfter = null) =>
        _server.Faults.Add(new FaultSpec { Route = route, Status = status, Count = count, RetryAfter = retryAfter });

    /// <summary>A promoted image.</summary>
    public async Task PromoteAsync(string image)
    {
        State.AddImage(image);
        using var orka = await KubernetesAsync();
        await orka.CreateVmConfigAsync(new VmConfig(image, image, 12, 32), Cancellation);
    }

    /// <summary>Runs <c>macrunners-fleet image …</c> in this process.</summary>
    public async Task<Ended> RunAsync(IReadOnlyList<string> arguments, DiscordServer? discord = null, TimeProvider? time = null, string? token = Token, string? output = null, CancellationToken? cancellation = null, string? credentials = null)
    {
        var (standardOutput, error) = (new StringWriter(), new StringWriter());
        var context = new FleetContext(
            name => name switch
            {
                "ORKA_ENDPOINT" => Address.GetLeftPart(UriPartial.Authority),
                "ORKA_AUTH_TOKEN" => token,
                "DISCORD_WEBHOOK_URL" => discord?.Webhook.AbsoluteUri,
                "GITHUB_OUTPUT" => output,
                "STORAGE_CREDENTIALS" => credentials,
                _ => null,
            },
            standardOutput,
            TextWriter.Synchronized(error),
            time ?? TimeProvider.System);
        var code = await FleetCommandLine.RunAsync(["image", .. arguments], context, cancellation ?? Cancellation);
        return new Ended(code, standardOutput.ToString(), error.ToString());
    }

    /// <summary>Flags of a quick test of an image.</summary>
    public string[] Quick => ["--allow-http", "--ssh", Programs.Ssh, "--boot-limit", "2s", "--network-limit", "1s"];
}

/// <summary>How a verb ended.</summary>
internal sealed record Ended(int Code, string Output, string Error);
