using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Platform.Linux;

/// <summary>The process table as <c>/proc</c> shows it.</summary>
/// <param name="groups">Witness of escapes besides the login; null where there are none.</param>
internal sealed class LinuxProcesses(ControlGroups? groups = null) : IProcessTable
{
    private const int FileSize = 8192;
    private const int SignalStop = 19;

    /// <inheritdoc/>
    public IReadOnlyList<ProcessEntry> OwnedBy(uint uid) => OwnedWithin(uid, uid);

    /// <inheritdoc/>
    public IReadOnlyList<ProcessEntry> OwnedWithin(uint first, uint last) => Select(pid => MayBelong(pid, first, last) ? Read(pid, first, last) : null);

    /// <inheritdoc/>
    public IReadOnlyList<ProcessEntry> EscapedFrom(uint uid)
    {
        // The kernel hands the number of the login down to every descendant, and only root can change it.
        var login = Encoding.ASCII.GetBytes(uid.ToString(CultureInfo.InvariantCulture));
        var byLogin = Select(pid => IsLoginOf(pid, login) && Find(pid) is { } process && IsForeign(process, uid) ? process : null);

        // Nor can anybody else leave the group; where logins are not kept, it is the only witness.
        return groups is null ? byLogin : [.. byLogin.UnionBy(groups.ProcessesOf(uid).Select(pid => FindForeign(uid, pid)).OfType<ProcessEntry>(), process => process.Identity)];
    }

    /// <inheritdoc/>
    public ProcessEntry? Find(int pid) => Read(pid, first: 0, last: uint.MaxValue);

    /// <inheritdoc/>
    public bool Signal(ProcessIdentity process, Signal signal)
    {
        var opened = LinuxProcessImports.PidfdOpen(process.Pid);
        if (opened < 0)
        {
            return Marshal.GetLastPInvokeError() == LinuxErrors.NoSuchProcess ? false : throw LinuxErrors.Last("pidfd_open", process.Pid);
        }

        // From here on the descriptor means one process for ever, so a number used again cannot be hit.
        using var descriptor = new SafeFileHandle(opened, ownsHandle: true);
        if (Find(process.Pid)?.Identity != process)
        {
            return false;
        }

        if (LinuxProcessImports.PidfdSendSignal(descriptor, signal == Platform.Signal.Stop ? SignalStop : (int)signal) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() == LinuxErrors.NoSuchProcess ? false : throw LinuxErrors.Last("pidfd_send_signal", process.Pid);
    }

    // The number may be another one's by now: what is the same before and after is what was in the group between.
    private ProcessEntry? FindForeign(uint uid, int pid) =>
        Find(pid) is { } process && IsForeign(process, uid) && ControlGroups.Holds(uid, pid) && Find(pid)?.Identity == process.Identity ? process : null;

    private static bool IsForeign(ProcessEntry process, uint uid) => process.RealUid != uid && process.EffectiveUid != uid && process.SavedUid != uid;

    private static List<ProcessEntry> Select(Func<int, ProcessEntry?> look)
    {
        var found = new List<ProcessEntry>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && look(pid) is { } entry)
            {
                found.Add(entry);
            }
        }

        return found;
    }

    // A kernel that keeps no account of logins has no such file.
    private static bool IsLoginOf(int pid, ReadOnlySpan<byte> login)
    {
        const int longestNumber = 16;
        Span<byte> buffer = stackalloc byte[longestNumber];
        return FirstRead($"/proc/{pid}/loginuid", buffer) is var count and > 0 && buffer[..count].SequenceEqual(login);
    }

    // Nearly all are somebody else's, and their file says so at the first read. What it does not tell, a second look decides.
    private static bool MayBelong(int pid, uint first, uint last)
    {
        Span<byte> buffer = stackalloc byte[FileSize];
        var count = FirstRead($"/proc/{pid}/status", buffer);
        return count >= 0 && (ProcessFiles.ParseStatus(buffer[..count]) is not { } status || Belongs(status, first, last));
    }

    /// <returns>How many bytes; −1 when the process is gone, or there is no such file.</returns>
    private static int FirstRead(string path, Span<byte> buffer)
    {
        var opened = LinuxFileImports.open(path, LinuxFileImports.OpenReadOnly | LinuxFileImports.OpenCloseOnExec);
        if (opened < 0)
        {
            return Gone() ? -1 : throw LinuxErrors.Last("open", path);
        }

        using var file = new SafeFileHandle(opened, ownsHandle: true);
        var count = LinuxFileImports.read(file, ref buffer[0], (nuint)buffer.Length);
        return count >= 0 ? (int)count : Gone() ? -1 : throw LinuxErrors.Last("read", path);
    }

    private static ProcessEntry? Read(int pid, uint first, uint last)
    {
        // Both files through one open folder: it stays bound to this process when the number is used again.
        var opened = LinuxFileImports.open($"/proc/{pid}", LinuxFileImports.OpenDirectoryOnly | LinuxFileImports.OpenCloseOnExec);
        if (opened < 0)
        {
            return Gone() ? null : throw LinuxErrors.Last("open", $"/proc/{pid}");
        }

        using var folder = new SafeFileHandle(opened, ownsHandle: true);
        Span<byte> buffer = stackalloc byte[FileSize];
        if (ProcessFiles.ParseStatus(Content(folder, "status", buffer)) is not { IsDead: false } status || !Belongs(status, first, last))
        {
            return null;
        }

        return ProcessFiles.ParseStat(Content(folder, "stat", buffer)) is { } stat
            ? new ProcessEntry(
                new ProcessIdentity(pid, stat.StartTime), status.ParentPid, status.RealUid, status.EffectiveUid, status.SavedUid, stat.Command)
            : null;
    }

    private static bool Belongs(ProcessFiles.Status status, uint first, uint last)
    {
        return IsOne(status.RealUid) || IsOne(status.EffectiveUid) || IsOne(status.SavedUid) || IsOne(status.FileSystemUid);

        bool IsOne(uint uid) => uid >= first && uid <= last;
    }

    private static ReadOnlySpan<byte> Content(SafeFileHandle folder, FileName name, Span<byte> buffer)
    {
        var opened = LinuxFileImports.openat(folder, in name.Terminated[0], LinuxFileImports.OpenReadOnly | LinuxFileImports.OpenCloseOnExec);
        if (opened < 0)
        {
            return Gone() ? [] : throw LinuxErrors.Last("openat", name);
        }

        using var file = new SafeFileHandle(opened, ownsHandle: true);
        var length = 0;
        while (length < buffer.Length)
        {
            var count = LinuxFileImports.read(file, ref buffer[length], (nuint)(buffer.Length - length));
            if (count < 0 && !Gone())
            {
                throw LinuxErrors.Last("read", name);
            }

            if (count <= 0)
            {
                break;
            }

            length += (int)count;
        }

        return buffer[..length];
    }

    private static bool Gone() => Marshal.GetLastPInvokeError() is LinuxErrors.NotFound or LinuxErrors.NoSuchProcess;
}
