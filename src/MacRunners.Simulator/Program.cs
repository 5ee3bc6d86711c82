using System.CommandLine;
using MacRunners.Simulator.Serve;

namespace MacRunners.Simulator;

/// <summary>Entry point of <c>macrunners-sim</c>.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => RunAsync(args);

    private static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("A local, strict Buildkite for tests and demonstrations.") { ServeCommand.Create() };
        return root.Parse(args).InvokeAsync();
    }
}
