using System.CommandLine;
using MacRunners.Fleet.Orka;
using MacRunners.Fleet.Pipeline;

namespace MacRunners.Fleet.Commands;

/// <summary>Verb <c>image sweep</c>.</summary>
internal static class SweepCommand
{
    // GitHub ends what follows a cancelled step after five minutes, the message included.
    private static readonly TimeSpan DeleteLimit = TimeSpan.FromMinutes(1);

    /// <summary>The verb.</summary>
    public static Command Create(FleetContext context)
    {
        var orka = new OrkaFlags(context);
        var record = new Option<string>("--record") { Description = "The file that the steps wrote to.", Required = true };
        var command = new Command("sweep", "Deletes those VMs of an image's run that are still there: what a step left that was killed before it could delete them itself.") { record };
        command.SetAction(async (parsed, cancellation) =>
        {
            var run = new RunRecord(parsed.GetValue(record)!);
            var ours = run.Vms.Distinct().ToList();
            if (ours.Count == 0)
            {
                await context.Output.WriteLineAsync("This run has ordered no VM.");
                return ExitCodes.Success;
            }

            if (orka.GivenNamespace(parsed) is { } given && ours.FirstOrDefault(vm => vm.Namespace != given) is { } other)
            {
                throw new InvalidDataException($"--namespace {given}, but {parsed.GetValue(record)} names VM {other.Name} of {other.Namespace}: leave --namespace out, it is in the record");
            }

            using var limit = new CancellationTokenSource(DeleteLimit, context.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
            var start = context.Time.GetTimestamp();
            var left = ours.ToList();
            var deleted = 0;
            try
            {
                foreach (var group in ours.GroupBy(vm => vm.Namespace))
                {
                    using var cluster = await orka.ConnectAsync(parsed, either.Token, group.Key);
                    var there = (await cluster.ListVmsAsync(either.Token)).Select(vm => vm.Name).ToHashSet();
                    left.RemoveAll(vm => vm.Namespace == group.Key && !there.Contains(vm.Name));
                    foreach (var vm in group.Where(left.Contains))
                    {
                        await cluster.DeleteVmAsync(vm.Name, either.Token);
                        left.Remove(vm);
                        deleted++;
                        await context.Output.WriteLineAsync($"deleted {vm.Name}");
                    }
                }
            }
            catch (Exception e) when (e is OrkaException or OperationCanceledException)
            {
                // Whoever reads the message must know of what costs a host its place.
                var reason = $"These VMs may be there still: {string.Join(", ", left.Select(vm => vm.Name))}. {e.Message}";
                run.Add(new StepResult("sweep", StepOutcome.Failed, Math.Round(context.Time.GetElapsedTime(start).TotalSeconds, 1), reason, Image: null));
                var commands = left.GroupBy(vm => vm.Namespace).Select(group => $"orka3 vm delete {string.Join(' ', group.Select(vm => vm.Name))} -n {group.Key}");
                await context.Error.WriteLineAsync($"{reason} Delete them: {string.Join("; ", commands)}");
                throw;
            }

            await context.Output.WriteLineAsync($"{deleted} of {ours.Count} VMs of this run were still there.");
            return ExitCodes.Success;
        });
        return orka.AddTo(command);
    }
}
