using System.CommandLine;
using System.Net;

namespace MacRunners.Simulator.Orka;

/// <summary>The verb <c>orka</c>.</summary>
internal static class OrkaCommand
{
    private static readonly OrkaOptions Defaults = new() { Token = "" };

    public static Command Create()
    {
        var listen = new Option<string>("--listen") { Description = "Address to listen on; port 0 takes a free one.", DefaultValueFactory = _ => "127.0.0.1:0" };
        var token = new Option<string?>("--token") { Description = $"Token of the service account (otherwise {SimulatorAddress.TokenVariable})." };
        var nodes = Number("--nodes", "How many hosts.", Defaults.Nodes);
        var cpu = Number("--node-cpu", "Cores of a host.", Defaults.NodeCpu);
        var memory = Number("--node-memory", "Memory of a host in GiB.", (int)Defaults.NodeMemory);
        var deploy = Number("--deploy-ms", "From placement to a running VM, in milliseconds.", (int)Defaults.DeployDelay.TotalMilliseconds);
        var uncached = Number("--uncached-ms", "How much longer the first VM of an image takes on a host, in milliseconds.", 0);
        var save = Number("--save-ms", "From the request to a ready image, in milliseconds.", (int)Defaults.SaveDelay.TotalMilliseconds);
        var image = new Option<string[]>("--image") { Description = "An image that is there from the start. May be repeated." };
        var command = new Command("orka", "Run a simulated Orka 3: its API, its custom resources with watch, and a control surface for boots and faults.")
        {
            listen, token, nodes, cpu, memory, deploy, uncached, save, image,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                var options = Defaults with
                {
                    Listen = IPEndPoint.TryParse(parsed.GetValue(listen)!, out var endpoint)
                        ? endpoint
                        : throw new ArgumentException($"--listen {parsed.GetValue(listen)}: give address:port, for example 127.0.0.1:0."),
                    Token = parsed.GetValue(token) ?? Environment.GetEnvironmentVariable(SimulatorAddress.TokenVariable) ?? throw new ArgumentException($"--token: give it, or set {SimulatorAddress.TokenVariable}."),
                    Nodes = parsed.GetValue(nodes),
                    NodeCpu = parsed.GetValue(cpu),
                    NodeMemory = parsed.GetValue(memory),
                    DeployDelay = TimeSpan.FromMilliseconds(parsed.GetValue(deploy)),
                    UncachedDelay = TimeSpan.FromMilliseconds(parsed.GetValue(uncached)),
                    SaveDelay = TimeSpan.FromMilliseconds(parsed.GetValue(save)),
                    Images = parsed.GetValue(image) ?? [],
                };
                await using var server = await OrkaServer.StartAsync(options, TimeProvider.System, cancellation);
                await ListeningCommand.AnnounceAndWaitAsync(server.Address, parsed.InvocationConfiguration.Output, cancellation);
                return 0;
            }
            catch (Exception exception) when (exception is ArgumentException or IOException or State.RefusedException)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"macrunners-sim orka: {exception.Message}");
                return 1;
            }
        });
        return command;
    }

    private static Option<int> Number(string name, string description, int value) => new(name) { Description = description, DefaultValueFactory = _ => value };
}
