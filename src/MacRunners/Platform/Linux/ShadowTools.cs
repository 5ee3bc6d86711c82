using System.Globalization;

namespace MacRunners.Platform.Linux;

/// <summary>
/// The shadow suite's tools, one at a time: each rewrites <c>/etc/passwd</c> and its companions under a lock that the
/// next one would find taken.
/// </summary>
/// <param name="tool">Runs programs.</param>
/// <param name="limit">Of one run.</param>
/// <param name="time">Clock of the pauses.</param>
internal sealed class ShadowTools(ITool tool, TimeSpan limit, TimeProvider time)
{
    private const int Attempts = 12;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    // The ranges of login.defs are for people's accounts; without this every call would warn about ours.
    private static readonly string NoUidRange = "UID_MAX=" + uint.MaxValue.ToString(CultureInfo.InvariantCulture);
    private static readonly string NoGidRange = "GID_MAX=" + uint.MaxValue.ToString(CultureInfo.InvariantCulture);

    // Of the whole process, like the files.
    private static readonly SemaphoreSlim OneAtATime = new(1, 1);

    /// <summary>Meaning of exit codes, as far as callers tell them apart.</summary>
    internal enum Outcome
    {
        Done,
        IdTaken,
        NameTaken,
        Absent,
        Busy,
    }

    internal static IReadOnlyList<string> AddGroup(string name, uint gid) => ["/usr/sbin/groupadd", "-K", NoGidRange, "-g", Number(gid), name];

    internal static IReadOnlyList<string> AddUser(AccountSpec spec) =>
    [
        // No lastlog entry: that sparse file would grow with the uid. No home, no group of its own, no subordinate ids.
        "/usr/sbin/useradd", "-l", "-M", "-N", "-K", NoUidRange, "-K", "SUB_UID_COUNT=0", "-K", "SUB_GID_COUNT=0",
        "-u", Number(spec.Id), "-g", Number(spec.Id), "-d", spec.Home, "-s", spec.Shell, "-c", spec.Description, spec.Name,
    ];

    internal static IReadOnlyList<string> DeleteUser(string name) => ["/usr/sbin/userdel", name];

    internal static IReadOnlyList<string> DeleteGroup(string name) => ["/usr/sbin/groupdel", name];

    internal Task<Outcome> AddGroupAsync(string name, uint gid, CancellationToken cancellationToken) => RunAsync(
        AddGroup(name, gid), code => code switch { 0 => Outcome.Done, 4 => Outcome.IdTaken, 9 => Outcome.NameTaken, _ => null }, cancellationToken);

    internal Task<Outcome> AddUserAsync(AccountSpec spec, CancellationToken cancellationToken) => RunAsync(
        AddUser(spec), code => code switch { 0 => Outcome.Done, 4 => Outcome.IdTaken, 9 => Outcome.NameTaken, _ => null }, cancellationToken);

    internal Task<Outcome> DeleteUserAsync(string name, CancellationToken cancellationToken) => RunAsync(
        DeleteUser(name), code => code switch { 0 => Outcome.Done, 6 => Outcome.Absent, 8 => Outcome.Busy, _ => null }, cancellationToken);

    internal Task<Outcome> DeleteGroupAsync(string name, CancellationToken cancellationToken) => RunAsync(
        DeleteGroup(name), code => code switch { 0 => Outcome.Done, 6 => Outcome.Absent, 8 => Outcome.Busy, _ => null }, cancellationToken);

    private static string Number(uint id) => id.ToString(CultureInfo.InvariantCulture);

    private async Task<Outcome> RunAsync(IReadOnlyList<string> command, Func<int, Outcome?> meaning, CancellationToken cancellationToken)
    {
        await OneAtATime.WaitAsync(cancellationToken);
        try
        {
            var pause = FirstPause;
            for (var attempt = 1; ; attempt++)
            {
                var result = await tool.RunAsync(command[0], [.. command.Skip(1)], limit, cancellationToken);
                if (meaning(result.ExitCode) is { } outcome)
                {
                    return outcome;
                }

                if (attempt == Attempts || !IsLocked(result))
                {
                    throw new AccountDirectoryException($"{Path.GetFileName(command[0])} {string.Join(' ', command.Skip(1))} failed with {result.Summary}");
                }

                await Task.Delay(pause, time, cancellationToken);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
        }
        catch (ToolException e)
        {
            throw new AccountDirectoryException(e.Message, inner: e);
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    // Somebody else, a package installation for instance, edits the files at this moment.
    private static bool IsLocked(ToolResult result) => result.Error.Contains("cannot lock /etc/", StringComparison.Ordinal);
}
