using System.CommandLine;
using System.Text.Json;
using MacRunners.Hosting.Control;

namespace MacRunners.Commands;

/// <summary>Verb <c>sweep</c>.</summary>
internal static class SweepCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Write {clean, reason, tornDown}" };
        var command = new Command(
            "sweep",
            "Tears down now what earlier jobs left behind and proves it gone, as every start does. A dirty machine takes jobs again when the proof succeeds. Needs a machine without running jobs." + ControlVerb.Talks)
        {
            json,
        };
        return command.On(async (client, parsed, cancellation) =>
        {
            var result = await client.SweepAsync(cancellation);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(result, ControlJson.Readable.SweepDocument));
            }
            else if (result.Clean)
            {
                Console.WriteLine($"Clean: nothing of an earlier job is on this machine (torn down: {result.TornDown}).");
            }
            else
            {
                ControlVerb.Complain($"the machine stays dirty: {result.Reason}", ExitCodes.Failure);
            }

            return result.Clean ? ExitCodes.Success : ExitCodes.Failure;
        });
    }
}
