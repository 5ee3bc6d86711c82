using System.Text.RegularExpressions;

namespace MacRunners.Platform.MacOS;

/// <summary>Runs <c>dscl</c> on the local node: arguments as a vector, a time limit, and patience where Apple's directory service needs it.</summary>
/// <param name="tool">Runs programs.</param>
/// <param name="program">Absolute path of <c>dscl</c>.</param>
/// <param name="limit">Of one run.</param>
/// <param name="time">Clock of the pauses.</param>
internal sealed partial class Dscl(ITool tool, string program, TimeSpan limit, TimeProvider time)
{
    private const int Attempts = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs one command, such as <c>-create PATH KEY VALUE</c>; never answers <see cref="DsclAnswer.Meaning.Refused"/> or worse.</summary>
    /// <exception cref="AccountDirectoryException">Refused, failed, or no answer in time.</exception>
    internal Task<DsclAnswer> RunAsync(CancellationToken cancellationToken, params IReadOnlyList<string> command) =>
        RunAsync([".", .. command], cancellationToken);

    /// <summary>Reads all records of a folder, such as <c>/Users</c>.</summary>
    /// <returns>The attributes of each.</returns>
    /// <exception cref="AccountDirectoryException">Refused, failed, no answer in time, or not readable.</exception>
    internal async Task<IReadOnlyList<IReadOnlyDictionary<string, IReadOnlyList<string>>>> ReadAllAsync(
        string folder, CancellationToken cancellationToken, params IReadOnlyList<string> keys)
    {
        var answer = await RunAsync(["-plist", ".", "-readall", folder, .. keys], cancellationToken);
        try
        {
            return PropertyList.ReadRecords(answer.Result.Output);
        }
        catch (FormatException e)
        {
            throw new AccountDirectoryException($"{program} -readall {folder} answered something unreadable ({answer.Result.Summary}): {e.Message}", inner: e);
        }
    }

    /// <summary>Reads a record.</summary>
    /// <returns>Its attributes, or null when there is no such record.</returns>
    /// <exception cref="AccountDirectoryException">Refused, failed, no answer in time, or not readable.</exception>
    internal async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>?> ReadAsync(
        string path, CancellationToken cancellationToken, params IReadOnlyList<string> keys)
    {
        var answer = await RunAsync(["-plist", ".", "-read", path, .. keys], cancellationToken);
        if (answer.Means is DsclAnswer.Meaning.Absent)
        {
            return null;
        }

        // Without any of the keys the answer is empty, not an error.
        if (string.IsNullOrWhiteSpace(answer.Result.Output))
        {
            return new Dictionary<string, IReadOnlyList<string>>();
        }

        try
        {
            return PropertyList.ReadAttributes(answer.Result.Output);
        }
        catch (FormatException e)
        {
            throw new AccountDirectoryException($"{program} -read {path} answered something unreadable: {e.Message}", inner: e);
        }
    }

    /// <summary>
    /// Runs several commands in one process, which goes on after a failure and always ends with 0: the caller has to read
    /// what became of them. A command with a word that the batch's quoting could change is left out.
    /// </summary>
    /// <returns>Standard output of all of them.</returns>
    /// <exception cref="AccountDirectoryException">No answer in time.</exception>
    internal async Task<string> RunBatchAsync(IReadOnlyList<IReadOnlyList<string>> commands, CancellationToken cancellationToken)
    {
        var lines = commands.Where(command => command.All(word => PlainWord.IsMatch(word))).Select(command => string.Join(' ', command.Select(word => $"\"{word}\"")) + "\n");
        try
        {
            return (await tool.RunAsync(program, ["-q", "."], string.Concat(lines), limit, cancellationToken)).Output;
        }
        catch (ToolException e)
        {
            throw new AccountDirectoryException(e.Message, inner: e);
        }
    }

    // Short enough for the 4,096 bytes of a line, and nothing that ends a quotation or a line, or escapes.
    [GeneratedRegex(@"^[A-Za-z0-9 _.,:;*/+@()-]{1,512}\z")]
    private static partial Regex PlainWord { get; }

    private async Task<DsclAnswer> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = new DsclAnswer(await CallAsync(arguments, cancellationToken));
            switch (answer.Means)
            {
                case DsclAnswer.Meaning.Done or DsclAnswer.Meaning.Absent or DsclAnswer.Meaning.Taken:
                    return answer;
                case DsclAnswer.Meaning.Refused:
                    throw Refusal(arguments, answer);
                case DsclAnswer.Meaning.Spurious when attempt < Attempts:
                    await Task.Delay(Pause, time, cancellationToken);
                    break;
                default:
                    throw new AccountDirectoryException($"{program} {string.Join(' ', arguments)} failed with {answer.Result.Summary}");
            }
        }
    }

    private async Task<ToolResult> CallAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        try
        {
            return await tool.RunAsync(program, arguments, limit, cancellationToken);
        }
        catch (ToolException e)
        {
            throw new AccountDirectoryException(e.Message, inner: e);
        }
    }

    private AccountDirectoryException Refusal(IReadOnlyList<string> arguments, DsclAnswer answer) => new(
        $"{program} {string.Join(' ', arguments)} was refused ({answer.Result.Summary}). It needs root and Full Disk Access: grant it to "
        + $"{Environment.ProcessPath} in System Settings, Privacy & Security, Full Disk Access, or by a PPPC profile of the device management; "
        + "a new build of an unsigned program loses the grant",
        isRefused: true);
}
