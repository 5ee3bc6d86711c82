using MacRunners.Simulator.Agent;

if (AgentProgram.IsStartedAsAgent)
{
    return await AgentProgram.RunAsync(args);
}

return args is ["agent", .. var rest] ? await AgentProgram.RunAsync(rest) : 1;
