using MacRunners.Commands;

// The helpers first: they start once or more per job and must load next to nothing.
return args switch
{
    [ExecAsCommand.Verb, .. var rest] => ExecAsCommand.Run(rest),
    [KillAsCommand.Verb, .. var rest] => await KillAsCommand.RunAsync(rest),
    _ => await CommandLine.RunAsync(args, addToDaemon: null),
};
