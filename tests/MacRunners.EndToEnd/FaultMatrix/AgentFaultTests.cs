namespace MacRunners.EndToEnd.FaultMatrix;

/// <summary>Each of them, with real accounts of the host.</summary>
public sealed class AgentsOnLinux() : AgentFaultRun("linux", workers: 10);

/// <summary>Each of them, over the emulator.</summary>
public sealed class AgentsOnMacOS() : AgentFaultRun("macos", workers: 10);

/// <summary>Real accounts of the host.</summary>
public class AgentFaultsOnLinux(AgentsOnLinux agents) : IClassFixture<AgentsOnLinux>
{
    public static TheoryData<string> Names => [.. AgentFault.All.Select(fault => fault.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task When_an_agent_goes_wrong_its_job_ends_explained_and_the_slot_is_free_again(string agent) => agents.EndOfAsync(agent);
}

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class AgentFaultsOnMacOS(AgentsOnMacOS agents) : IClassFixture<AgentsOnMacOS>
{
    public static TheoryData<string> Names => AgentFaultsOnLinux.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public Task When_an_agent_goes_wrong_its_job_ends_explained_and_the_slot_is_free_again(string agent) => agents.EndOfAsync(agent);
}
