using System.Text;
using MacRunners.Simulator.Trial;

namespace MacRunners.EndToEnd.Tokens;

/// <summary>Looks as root for a machine's secrets in all that its daemon writes: logs, reports, agents' output, journal, console.</summary>
internal static class TokenTraces
{
    /// <summary>The cluster token and every acquisition token its Buildkite ever issued.</summary>
    public static IReadOnlyList<string> SecretsOf(TrialMachine machine) =>
        [machine.ClusterToken, .. machine.Buildkite.Cluster.AcquisitionTokens().Select(token => token.Token)];

    /// <summary>Files that hold one of them; for people, and without the secret.</summary>
    public static IReadOnlyList<string> Find(TrialMachine machine)
    {
        var secrets = SecretsOf(machine).Select(secret => (Kind: secret.Split('_')[0], Bytes: Encoding.ASCII.GetBytes(secret))).ToList();
        return
        [
            .. FilesOf(machine)
                .Select(file => (File: file, Content: Read(file)))
                .SelectMany(file => secrets.Where(secret => file.Content.AsSpan().IndexOf(secret.Bytes) >= 0).Select(secret => $"a {secret.Kind} token in {file.File}")),
        ];
    }

    // Homes and trash are the jobs' own; the token file is meant to hold it.
    private static IEnumerable<string> FilesOf(TrialMachine machine) =>
        new[] { machine.Logs, machine.State, Path.Combine(machine.Folder, "run") }
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
            .Where(file => !file.StartsWith(Path.Combine(machine.State, "trash") + "/", StringComparison.Ordinal))
            .Append(machine.ConsoleLog)
            .Where(file => new FileInfo(file) is { Exists: true, Length: > 0 }); // A FIFO has no length, and would make the reader wait.

    private static byte[] Read(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (IOException)
        {
            // Rolled away or deleted meanwhile.
            return [];
        }
    }
}
