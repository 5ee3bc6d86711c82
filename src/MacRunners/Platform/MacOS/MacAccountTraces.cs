using System.Globalization;
using System.Runtime.InteropServices;
using static MacRunners.Platform.MacOS.MacUserImports;

namespace MacRunners.Platform.MacOS;

/// <summary>
/// The proof's view on accounts: asks the look-ups and searches the directory itself, so that a mistake in
/// <see cref="MacAccounts"/> cannot hide what it forgot.
/// </summary>
internal sealed class MacAccountTraces(Dscl dscl)
{
    private const int Buffer = 256 * 1024;

    internal async Task<IReadOnlyList<string>> FindAsync(string name, uint id, Guid? generatedUid, CancellationToken cancellationToken)
    {
        var number = id.ToString(CultureInfo.InvariantCulture);

        // At once, because each run costs up to 100 ms.
        List<Task<IEnumerable<string>>> searching =
        [
            RecordAsync($"/Users/{name}", cancellationToken),
            RecordAsync($"/Groups/{name}", cancellationToken),
            SearchAsync("/Users", "UniqueID", number, cancellationToken),
            SearchAsync("/Groups", "PrimaryGroupID", number, cancellationToken),
            SearchAsync("/Groups", "GroupMembership", name, cancellationToken),
        ];
        if (generatedUid is { } uuid)
        {
            // What counts for the system, whatever the names beside it say; written in capitals.
            searching.Add(SearchAsync("/Groups", "GroupMembers", uuid.ToString("D", CultureInfo.InvariantCulture).ToUpperInvariant(), cancellationToken));
        }

        var searches = await Task.WhenAll(searching);
        return [.. searches.SelectMany(traces => traces), .. Visible(name, id)];
    }

    private async Task<IEnumerable<string>> RecordAsync(string path, CancellationToken cancellationToken) =>
        (await dscl.RunAsync(cancellationToken, "-read", path, "RecordName")).Means is DsclAnswer.Meaning.Absent ? [] : [path];

    private async Task<IEnumerable<string>> SearchAsync(string folder, string key, string value, CancellationToken cancellationToken)
    {
        var answer = await dscl.RunAsync(cancellationToken, "-search", folder, key, value);
        if (answer.Means is not DsclAnswer.Meaning.Done)
        {
            throw new AccountDirectoryException($"dscl -search {folder} {key} {value} failed with {answer.Result.Summary}");
        }

        // A hit begins in the first column; its values and the closing parenthesis follow.
        return answer.Result.Output
            .Split('\n')
            .Where(line => line.Length > 0 && line[0] is not (' ' or ')' or '\t'))
            .Select(line => $"{folder}/{line.Split('\t')[0]} by {key}");
    }

    private static unsafe List<string> Visible(string name, uint id)
    {
        var traces = new List<string>();
        var buffer = (byte*)NativeMemory.Alloc(Buffer);
        try
        {
            if (getpwnam_r(name, out _, buffer, Buffer, out var found) == 0 && found != 0)
            {
                traces.Add($"{name} by getpwnam");
            }

            if (getpwuid_r(id, out _, buffer, Buffer, out found) == 0 && found != 0)
            {
                traces.Add($"user {id} by getpwuid");
            }

            if (getgrnam_r(name, out _, buffer, Buffer, out found) == 0 && found != 0)
            {
                traces.Add($"{name} by getgrnam");
            }

            if (getgrgid_r(id, out _, buffer, Buffer, out found) == 0 && found != 0)
            {
                traces.Add($"group {id} by getgrgid");
            }
        }
        finally
        {
            NativeMemory.Free(buffer);
        }

        return traces;
    }
}
