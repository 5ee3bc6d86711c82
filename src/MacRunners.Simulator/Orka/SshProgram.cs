using System.Text;
using System.Text.Json.Nodes;

namespace MacRunners.Simulator.Orka;

/// <summary>
/// Stands in for <c>ssh</c>: takes the few arguments of the real one that matter here, refuses others, and lets the simulated VM behind
/// host and port answer.
/// </summary>
internal static class SshProgram
{
    public const string Name = "simulated-ssh";
    private const int Failed = 255;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var (port, destination, index) = (22, "", 0);
        while (index < arguments.Count && arguments[index].StartsWith('-'))
        {
            if (arguments[index] is not ("-F" or "-p" or "-i" or "-o" or "-l") || index + 1 >= arguments.Count)
            {
                await Console.Error.WriteLineAsync($"unknown option -- {arguments[index]}");
                return Failed;
            }

            if (arguments[index] == "-p")
            {
                port = int.Parse(arguments[index + 1], System.Globalization.CultureInfo.InvariantCulture);
            }

            index += 2;
        }

        destination = index < arguments.Count ? arguments[index] : "";
        var body = new JsonObject
        {
            ["host"] = destination[(destination.IndexOf('@', StringComparison.Ordinal) + 1)..],
            ["port"] = port,
            ["command"] = JsonAnswer.Array(arguments.Skip(index + 1).Select(word => (JsonNode)word)),
        };
        using var http = SimulatorAddress.Connect();
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri("/sim/ssh", UriKind.Relative), content);
        var answer = JsonNode.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!;
        await Console.Out.WriteAsync((string)answer["output"]!);
        await Console.Error.WriteAsync((string)answer["error"]!);
        return (int)answer["exit_code"]!;
    }
}
