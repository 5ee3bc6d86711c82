using MacRunners.Fleet.Commands;

return await FleetCommandLine.RunAsync(args, FleetContext.OfThisProcess);
