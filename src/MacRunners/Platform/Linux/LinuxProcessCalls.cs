using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static MacRunners.Platform.Linux.LinuxProcessImports;

namespace MacRunners.Platform.Linux;

/// <summary>Identity changes of the current process on Linux. glibc's wrappers apply them to every thread.</summary>
internal sealed class LinuxProcessCalls(IProcessTable processes, ControlGroups? groups) : IProcessCalls
{
    private const int LowPriority = 10;

    // Class 2, level 7. The idle class would wait for ever behind a busy disk.
    private const int LowestBestEffort = (2 << 13) | 7;

    /// <inheritdoc/>
    public void StartSession()
    {
        if (setsid() < 0)
        {
            throw LinuxErrors.Last("setsid", "a process-group leader cannot start a session: start it from a program, or through setsid(1)");
        }

        // Started by a thread that stands back, it would too.
        _ = setpriority(0, 0, 0);
        _ = LinuxProcessImports.SetDiskPriority(0);
    }

    /// <inheritdoc/>
    public void Limit(ResourceLimit limit, ulong value)
    {
        var resource = limit switch
        {
            ResourceLimit.OpenFiles => ResourceOpenFiles,
            ResourceLimit.Processes => ResourceProcesses,
            ResourceLimit.CoreSize => ResourceCore,
            ResourceLimit.FileSize => ResourceFileSize,
            _ => throw new ArgumentOutOfRangeException(nameof(limit)),
        };
        if (getrlimit(resource, out var present) != 0)
        {
            throw LinuxErrors.Last("getrlimit", limit);
        }

        // Raising a hard limit needs CAP_SYS_RESOURCE, which root in a container may lack.
        var wanted = new Limits { Soft = value, Hard = value };
        var possible = Math.Min(value, present.Hard);
        if (setrlimit(resource, in wanted) != 0 && setrlimit(resource, new Limits { Soft = possible, Hard = possible }) != 0)
        {
            throw LinuxErrors.Last("setrlimit", limit);
        }
    }

    /// <inheritdoc/>
    public void SetMask(UnixFileMode mask) => _ = umask((uint)mask);

    /// <inheritdoc/>
    public void RedirectTo(string fifo)
    {
        // Without close-on-exec: the descriptor may already be the one it shall become.
        Point(LinuxFileImports.open("/dev/null", LinuxFileImports.OpenReadOnly), "/dev/null", 0);

        // Blocking: a full pipe slows the writer down until the reader is back, nothing is lost.
        Point(LinuxFileImports.open(fifo, LinuxFileImports.OpenReadWrite), fifo, 1, 2);
    }

    /// <inheritdoc/>
    public void Become(string? name, uint uid, uint gid)
    {
        if (name is not null)
        {
            groups?.Enter(uid);
            RememberLogin(uid);
        }

        Check(setgroups(1, in gid), "setgroups", gid);
        Check(setgid(gid), "setgid", gid);
        Check(setuid(uid), "setuid", uid);
        Verify(uid, gid);
        LeaveKeyring();
    }

    /// <inheritdoc/>
    public void DisclaimGrants()
    {
        // Nothing is granted to programs here.
    }

    /// <inheritdoc/>
    public unsafe void Execute(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        using var path = new NativeStrings([program]);
        using var argv = new NativeStrings([program, .. arguments]);
        using var envp = new NativeStrings([.. environment.Select(variable => $"{variable.Key}={variable.Value}")]);
        Check(close_range(3, uint.MaxValue, CloseRangeOnExec), "close_range", "descriptors above 2");
        var emptyMask = stackalloc byte[SignalSetSize];
        new Span<byte>(emptyMask, SignalSetSize).Clear();

        // Ignored signals and the mask survive execve, and the runtime ignores SIGPIPE. Nothing below allocates: the
        // runtime's own signals are gone too.
        for (var number = 1; number <= LastSignal; number++)
        {
            _ = signal(number, 0);
        }

        _ = sigprocmask(SetSignalMask, emptyMask, null);
        _ = execve(*path.Pointer, argv.Pointer, envp.Pointer);
        throw LinuxErrors.Last("execve", program);
    }

    /// <inheritdoc/>
    public bool KillEverythingElse()
    {
        Check(getresuid(out var uid, out var effective, out var saved), "getresuid", "self");
        if (uid == 0 || effective != uid || saved != uid)
        {
            throw new InvalidOperationException("Refused to signal everything: this process is not yet the user whose processes shall go");
        }

        // The answer of kill(-1) says nothing: processes of others count as found. The kernel does the round under a
        // lock, so what is still listed below is dying or beyond this uid.
        if (kill(-1, SignalKill) != 0 && LinuxErrors.Last("kill", -1) is { Error: not PosixError.NoSuchProcess } failure)
        {
            throw failure;
        }

        return processes.OwnedBy(uid).Any(process => process.Identity.Pid != Environment.ProcessId);
    }

    /// <inheritdoc/>
    public void StandBack()
    {
        // Of this thread alone, as everything on Linux. Without the right to, it goes on as it is.
        _ = setpriority(0, 0, LowPriority);
        _ = LinuxProcessImports.SetDiskPriority(LowestBestEffort);
    }

    // By this number a descendant is known even after it has become root. Kernels without audit lack it, and containers may forbid it.
    private static void RememberLogin(uint uid)
    {
        try
        {
            File.WriteAllText("/proc/self/loginuid", uid.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then an escape shows by what it leaves only.
        }
    }

    private static void Verify(uint uid, uint gid)
    {
        Check(getresuid(out var realUid, out var effectiveUid, out var savedUid), "getresuid", uid);
        Check(getresgid(out var realGid, out var effectiveGid, out var savedGid), "getresgid", gid);
        if (realUid != uid || effectiveUid != uid || savedUid != uid || realGid != gid || effectiveGid != gid || savedGid != gid)
        {
            throw new InvalidOperationException(
                $"The identity is uid {realUid}/{effectiveUid}/{savedUid} gid {realGid}/{effectiveGid}/{savedGid}, not {uid} and {gid}");
        }

        uint group = 0;
        if (getgroups(1, ref group) != 1 || group != gid)
        {
            throw new InvalidOperationException($"Supplementary groups remain besides {gid}");
        }

        if (setuid(0) == 0)
        {
            throw new InvalidOperationException("The way back to root is open");
        }
    }

    /// <summary>The session keyring of the daemon would be one that all jobs share: each could leave keys there for the next.</summary>
    private static void LeaveKeyring()
    {
        // Kernels and containers without keyrings have nothing to share.
        if (KeyctlJoinSession() < 0 && Marshal.GetLastPInvokeError() is not (LinuxErrors.NotImplemented or LinuxErrors.NotPermitted))
        {
            throw LinuxErrors.Last("keyctl", "new session keyring");
        }
    }

    private static void Point(int opened, string path, params ReadOnlySpan<int> targets)
    {
        if (opened < 0)
        {
            throw LinuxErrors.Last("open", path);
        }

        foreach (var target in targets)
        {
            Check(dup2(opened, target), "dup2", path);
        }

        if (opened > 2)
        {
            new SafeFileHandle(opened, ownsHandle: true).Dispose();
        }
    }

    private static void Check(int result, string call, object subject)
    {
        if (result < 0)
        {
            throw LinuxErrors.Last(call, subject);
        }
    }
}
