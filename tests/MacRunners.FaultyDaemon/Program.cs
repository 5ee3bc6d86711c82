using MacRunners.Commands;
using MacRunners.FaultyDaemon;

// The daemon as it is, in everything but the services that FaultPlan adds last. The helpers have no faults.
return args switch
{
    [ExecAsCommand.Verb, .. var rest] => ExecAsCommand.Run(rest),
    [KillAsCommand.Verb, .. var rest] => await KillAsCommand.RunAsync(rest),
    _ => await CommandLine.RunAsync(args, FaultPlan.FromEnvironment().AddTo),
};
