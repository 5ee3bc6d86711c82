using System.Text.Json.Nodes;

namespace MacRunners.Simulator.Trial;

/// <summary>The emulator below a trial machine, seen and bent through its files: which commands ran, which records it has, what goes wrong.</summary>
/// <param name="root">Path of the emulator's root.</param>
internal sealed class EmulatedMac(string root)
{
    /// <summary>Every run of one of these is an execution of the directory service's tools.</summary>
    public static IReadOnlyList<string> DirectoryTools { get; } = ["dscl", "dscacheutil", "dsmemberutil"];

    private const UnixFileMode RootOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(5);

    private string Faults => Own("faults.json");

    /// <summary>How often one of these commands was run so far.</summary>
    public int CountCalls(IReadOnlyList<string> tools) => File.Exists(Own("calls.jsonl"))
        ? File.ReadLines(Own("calls.jsonl")).Count(line => tools.Contains(JsonNode.Parse(line)?["tool"]?.GetValue<string>()))
        : 0;

    /// <summary>Names of the users and groups that jobs have in the emulated directory, half-made ones too.</summary>
    public IReadOnlyList<string> JobRecords()
    {
        if (!File.Exists(Own("state.json")))
        {
            return [];
        }

        var state = JsonNode.Parse(File.ReadAllText(Own("state.json")))!;
        return [.. ((string[])["users", "groups"])
            .SelectMany(kind => state[kind]!.AsArray())
            .Select(record => record!["name"]!.GetValue<string>())
            .Where(name => name.StartsWith("bk-", StringComparison.Ordinal))
            .Distinct()];
    }

    /// <summary>Changes what goes wrong from now on; every rule is a <see cref="Rule"/>, and their order stays.</summary>
    public async Task ChangeFaultsAsync(Action<JsonArray> change, CancellationToken cancellationToken)
    {
        using var held = await LockAsync(cancellationToken);
        var faults = File.Exists(Faults) ? JsonNode.Parse(await File.ReadAllTextAsync(Faults, cancellationToken))!.AsArray() : [];
        change(faults);
        var temporary = Faults + ".trial";
        await File.WriteAllTextAsync(temporary, faults.ToJsonString(), cancellationToken);
        File.SetUnixFileMode(temporary, RootOnly);
        File.Move(temporary, Faults, overwrite: true);
    }

    /// <summary>Nothing goes wrong any more.</summary>
    public Task ClearFaultsAsync(CancellationToken cancellationToken) => ChangeFaultsAsync(faults => faults.Clear(), cancellationToken);

    /// <summary>A rule without any effect yet, with every list a rule can have: the emulator takes what is missing for null.</summary>
    public static JsonObject Rule(string? tool, string? verb = null) =>
        new() { ["tool"] = tool, ["verb"] = verb, ["uid_taken"] = new JsonArray(), ["stderr_noise"] = new JsonArray() };

    private string Own(string name) => Path.Combine(root, ".emulator", name);

    // The emulator's commands count their faults down under this lock; .NET asks for the same one, but does not wait for it.
    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(Own("lock"), new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = RootOnly });
            }
            catch (IOException)
            {
                await Task.Delay(LockPause, TimeProvider.System, cancellationToken);
            }
        }
    }
}
