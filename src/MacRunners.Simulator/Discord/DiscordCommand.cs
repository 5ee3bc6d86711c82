using System.CommandLine;
using System.Net;
using MacRunners.Simulator.Orka;

namespace MacRunners.Simulator.Discord;

/// <summary>The verb <c>discord</c>.</summary>
internal static class DiscordCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Port on 127.0.0.1; 0 takes a free one." };
        var command = new Command("discord", $"Run a webhook with Discord's limits at {DiscordServer.WebhookPath}; GET /sim/messages shows what it was sent.") { port };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var server = await DiscordServer.StartAsync(new IPEndPoint(IPAddress.Loopback, parsed.GetValue(port)), cancellation);
            await ListeningCommand.AnnounceAndWaitAsync(server.Address, parsed.InvocationConfiguration.Output, cancellation);
            return 0;
        });
        return command;
    }
}
