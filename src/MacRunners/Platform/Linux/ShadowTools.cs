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

    /// <summary>Adds a user and its group in one go. The group gets the user's number or none: the range of group numbers is that number alone.</summary>
    internal static IReadOnlyList<string> AddUserAndGroup(AccountSpec spec) =>
        AddUser(spec, ["-U", "-K", $"GID_MIN={Number(spec.Id)}", "-K", $"GID_MAX={Number(spec.Id)}"]);

    internal static IReadOnlyList<string> DeleteUser(string name) => ["/usr/sbin/userdel", name];

    internal static IReadOnlyList<string> DeleteGroup(string name) => ["/usr/sbin/groupdel", name];

    /// <summary>What makes an account useless. The home is a change of its own: usermod refuses it while a process of the account lives.</summary>
    internal static IReadOnlyList<(string What, IReadOnlyList<string> Change)> Useless =>
    [
        ("shell and password", ["-L", "-e", "1", "-s", "/usr/sbin/nologin"]),
        ("home", ["-d", "/nonexistent"]),
    ];

    /// <summary>Adds a user to the group of its number, which exists.</summary>
    internal Task<Outcome> AddUserAsync(AccountSpec spec, CancellationToken cancellationToken) =>
        AddAsync(AddUser(spec, ["-N", "-g", Number(spec.Id)]), cancellationToken);

    /// <summary>Runs <see cref="AddUserAndGroup"/>.</summary>
    internal Task<Outcome> AddUserAndGroupAsync(AccountSpec spec, CancellationToken cancellationToken) => AddAsync(AddUserAndGroup(spec), cancellationToken);

    internal Task<Outcome> DeleteUserAsync(string name, CancellationToken cancellationToken) => RunAsync(
        DeleteUser(name), code => code switch { 0 => Outcome.Done, 6 => Outcome.Absent, 8 => Outcome.Busy, _ => null }, cancellationToken);

    internal Task<Outcome> ChangeUserAsync(string name, IReadOnlyList<string> change, CancellationToken cancellationToken) => RunAsync(
        ["/usr/sbin/usermod", .. change, name], code => code switch { 0 => Outcome.Done, 6 => Outcome.Absent, 8 => Outcome.Busy, _ => null }, cancellationToken);

    internal Task<Outcome> DeleteGroupAsync(string name, CancellationToken cancellationToken) => RunAsync(
        DeleteGroup(name), code => code switch { 0 => Outcome.Done, 6 => Outcome.Absent, 8 => Outcome.Busy, _ => null }, cancellationToken);

    private static IReadOnlyList<string> AddUser(AccountSpec spec, IReadOnlyList<string> group) =>
    [
        // No lastlog entry: that sparse file would grow with the uid. No home, no subordinate ids.
        "/usr/sbin/useradd", "-l", "-M", .. group, "-K", NoUidRange, "-K", "SUB_UID_COUNT=0", "-K", "SUB_GID_COUNT=0",
        "-u", Number(spec.Id), "-d", spec.Home, "-s", spec.Shell, "-c", spec.Description, spec.Name,
    ];

    private Task<Outcome> AddAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) => RunAsync(
        command, code => code switch { 0 => Outcome.Done, 4 => Outcome.IdTaken, 9 => Outcome.NameTaken, _ => null }, cancellationToken);

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
