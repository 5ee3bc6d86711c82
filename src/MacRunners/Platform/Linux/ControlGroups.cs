using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace MacRunners.Platform.Linux;

/// <summary>
/// Control groups of version 2, beneath the daemon's own one, where systemd's delegation lets them be. Where that is, the kernel says. Root
/// owns all of it, so no job can change what is read or written here.
/// </summary>
internal sealed partial class ControlGroups(string place, TimeProvider time, ILogger<ControlGroups> logger) : IControlGroups
{
    private const string Prefix = "macrunners-uid-";
    private const string Members = "cgroup.procs";
    private const string Events = "cgroup.events";
    private const UnixFileMode RootOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Who waits where no signal reaches him does not hold still either.
    private static readonly TimeSpan TimeToHoldStill = TimeSpan.FromSeconds(1);

    // What was killed is in it until it has ended.
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);

    /// <summary>The folder of the daemon's own group, in which they are made.</summary>
    internal string Place => place;

    /// <summary>The file that holds a group still; Linux has it since 5.2. A test may name one that is not there.</summary>
    internal string Freezer { get; init; } = "cgroup.freeze";

    /// <summary>The file that kills a group; Linux has it since 5.14. A test may name one that is not there.</summary>
    internal string Killer { get; init; } = "cgroup.kill";

    /// <summary>Those of this process; null where none can be made, as in most containers.</summary>
    internal static ControlGroups? OfThisProcess(TimeProvider time, ILoggerFactory loggers) => Of(ReadIfThere(() => File.ReadAllText("/proc/self/mountinfo"), ""), MembershipOf("self"), time, loggers);

    /// <summary>The same, by what the kernel says of a process.</summary>
    /// <param name="mountInfo">Text of <c>/proc/self/mountinfo</c>.</param>
    /// <param name="membership">Text of <c>/proc/self/cgroup</c>.</param>
    /// <param name="time">Clock of pauses and limits.</param>
    /// <param name="loggers">For what does not work; all goes on without.</param>
    internal static ControlGroups? Of(string mountInfo, string membership, TimeProvider time, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger<ControlGroups>();
        if (PathIn(membership) is not { } group || MountTable.FolderOfControlGroup(mountInfo, group) is not { } place || !TakesProcessesBelow(place))
        {
            LogNone(logger);
            return null;
        }

        return new ControlGroups(place, time, logger);
    }

    /// <inheritdoc/>
    public void Make(uint uid) => Attempt(uid, () => Directory.CreateDirectory(Folder(uid), RootOnly));

    /// <summary>Takes this process into the account's group, if it has one.</summary>
    internal void Enter(uint uid) => Attempt(uid, () => WriteIfThere(uid, Members, "0"));

    /// <inheritdoc/>
    public async Task HoldAndKillAsync(uint uid, Func<bool> mayBeKilled)
    {
        try
        {
            if (HasMembers(uid) && Has(uid, Freezer) && Has(uid, Killer))
            {
                await KillHeldAsync(uid, mayBeKilled);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogRefused(logger, uid, e.Message);
        }
    }

    /// <inheritdoc/>
    public void Kill(uint uid) => Attempt(uid, () => WriteIfThere(uid, Killer, "1"));

    /// <inheritdoc/>
    public async Task RemoveAsync(uint uid)
    {
        _ = await BecomesAsync(() => !HasMembers(uid), TimeToEnd);
        foreach (var group in WithInner(Folder(uid)).Reverse())
        {
            // systemd tidies up beneath its units, too.
            if (LinuxFileImports.rmdir(group) != 0 && Marshal.GetLastPInvokeError() is var error and not LinuxErrors.NotFound)
            {
                throw LinuxErrors.From("rmdir", $"{group}, control group of {Named(uid)}", error);
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<uint> Owners() =>
    [
        .. ReadIfThere(() => Directory.GetDirectories(place, Prefix + "*"), [])
            .Select(folder => uint.TryParse(Path.GetFileName(folder)[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var uid) ? uid : (uint?)null)
            .OfType<uint>(),
    ];

    /// <summary>The processes in the account's group, by number.</summary>
    internal IReadOnlyList<int> ProcessesOf(uint uid)
    {
        var found = new List<int>();
        foreach (var group in WithInner(Folder(uid)))
        {
            Attempt(uid, () => found.AddRange(File.ReadLines(Path.Combine(group, Members)).Select(line => int.Parse(line, CultureInfo.InvariantCulture))));
        }

        return found;
    }

    /// <summary>Whether the process is in the account's group; false when it is gone.</summary>
    internal static bool Holds(uint uid, int pid) =>
        PathIn(MembershipOf(pid.ToString(CultureInfo.InvariantCulture)))?.Split('/').Contains(Name(uid)) == true;

    private static string Name(uint uid) => Prefix + uid.ToString(CultureInfo.InvariantCulture);

    // A kernel may know no groups at all.
    private static string MembershipOf(string process) => ReadIfThere(() => File.ReadAllText($"/proc/{process}/cgroup"), "");

    // "0::/system.slice/macrunners.service": version 2 is the hierarchy number 0.
    private static string? PathIn(string membership) => membership.Split('\n').FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))?[3..];

    // Only the topmost has no type. Below one of threads no group can take a process.
    private static bool TakesProcessesBelow(string place)
    {
        var type = Path.Combine(place, "cgroup.type");
        return File.Exists(Path.Combine(place, Members)) && ReadIfThere(() => !File.Exists(type) || File.ReadAllText(type) == "domain\n", otherwise: false);
    }

    // Outermost first. Who has become root may have made further ones within.
    private static IEnumerable<string> WithInner(string folder) =>
        Directory.Exists(folder) ? [folder, .. Inner(folder).SelectMany(WithInner)] : [];

    private static IReadOnlyList<string> Inner(string folder) => ReadIfThere(() => Directory.GetDirectories(folder), []);

    // Groups come and go while they are read, also by the hand of somebody who has become root; what is gone says nothing.
    private static T ReadIfThere<T>(Func<T> read, T otherwise)
    {
        try
        {
            return read();
        }
        catch (IOException)
        {
            return otherwise;
        }
        catch (UnauthorizedAccessException)
        {
            return otherwise;
        }
    }

    private string Folder(uint uid) => Path.Combine(place, Name(uid));

    private bool Has(uint uid, string file) => File.Exists(Path.Combine(Folder(uid), file));

    private bool HasMembers(uint uid) => Has(uid, Events) && Says(uid, "populated 1");

    private bool Says(uint uid, string fact) => ReadIfThere(() => File.ReadLines(Path.Combine(Folder(uid), Events)).Contains(fact), otherwise: false);

    private string Named(uint uid) => ProcessesOf(uid) is { Count: > 0 } processes ? $"pid {string.Join(", ", processes)}" : "nobody";

    private async Task KillHeldAsync(uint uid, Func<bool> mayBeKilled)
    {
        Write(uid, Freezer, "1");
        try
        {
            if (await BecomesAsync(() => Says(uid, "frozen 1"), TimeToHoldStill) && mayBeKilled())
            {
                Write(uid, Killer, "1");
            }
        }
        finally
        {
            Write(uid, Freezer, "0");
        }
    }

    private async Task<bool> BecomesAsync(Func<bool> isSo, TimeSpan limit)
    {
        for (var started = time.GetTimestamp(); !isSo(); await Task.Delay(Look, time, CancellationToken.None))
        {
            if (time.GetElapsedTime(started) > limit)
            {
                return false;
            }
        }

        return true;
    }

    private void WriteIfThere(uint uid, string file, string text)
    {
        if (Has(uid, file))
        {
            Write(uid, file, text);
        }
    }

    private void Write(uint uid, string name, string text)
    {
        using var file = new FileStream(Path.Combine(Folder(uid), name), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(Encoding.ASCII.GetBytes(text));
    }

    private void Attempt(uint uid, Action step)
    {
        try
        {
            step();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogRefused(logger, uid, e.Message);
        }
    }

    [LoggerMessage(1621, LogLevel.Debug, "No control groups can be made here: processes are known by their numbers alone")]
    private static partial void LogNone(ILogger logger);

    [LoggerMessage(1622, LogLevel.Warning, "The control group of {Uid} does not work, and all goes on without it: {Why}")]
    private static partial void LogRefused(ILogger logger, uint uid, string why);
}
