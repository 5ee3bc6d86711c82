using System.CommandLine;
using MacRunners.Simulator.Agent;
using MacRunners.Simulator.Bench;
using MacRunners.Simulator.Demo;
using MacRunners.Simulator.Discord;
using MacRunners.Simulator.Orka;
using MacRunners.Simulator.Serve;
using MacRunners.Simulator.Soak;
using MacRunners.Simulator.Soak.Schedules;

namespace MacRunners.Simulator;

/// <summary>Entry point of <c>macrunners-sim</c>. The stub agent's arguments are not parsed here: they are the real agent's.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args)
    {
        if (AgentProgram.IsStartedAsAgent)
        {
            return AgentProgram.RunAsync(args);
        }

        return AgentSelf.StartedName switch
        {
            Orka3Program.Name => Orka3Program.RunAsync(args),
            SshProgram.Name => SshProgram.RunAsync(args),
            _ => args is ["agent", .. var rest] ? AgentProgram.RunAsync(rest) : RunAsync(args),
        };
    }

    private static Task<int> RunAsync(string[] args)
    {
        // "agent" is here for the help text; it never gets this far.
        var agent = new Command("agent", "The stub agent: buildkite-agent 3.87.0 with its flags, variables, signals and exit codes.");
        var root = new RootCommand("A local, strict Buildkite, a simulated Orka and a Discord webhook, for tests and demonstrations.") { ServeCommand.Create(), DemoCommand.Create(), SoakCommand.Create(), FaultSchedulesCommand.Create(), BenchCommand.Create(), OrkaCommand.Create(), DiscordCommand.Create(), agent };
        return root.Parse(args).InvokeAsync();
    }
}
