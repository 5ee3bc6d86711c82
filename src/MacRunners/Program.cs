using MacRunners.Commands;

switch (args)
{
    case [ExecAsCommand.Verb, .. var rest]:
        return ExecAsCommand.Run(rest);
    case [KillAsCommand.Verb, .. var rest]:
        return await KillAsCommand.RunAsync(rest);
    default:
        Console.WriteLine("macrunners");
        return 0;
}
