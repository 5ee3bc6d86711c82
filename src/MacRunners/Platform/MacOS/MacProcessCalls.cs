using System.Globalization;
using System.Runtime.InteropServices;
using static MacRunners.Platform.MacOS.MacProcessImports;

namespace MacRunners.Platform.MacOS;

/// <summary>Identity changes of the current process on macOS, where they always concern the whole process.</summary>
internal sealed unsafe class MacProcessCalls : IProcessCalls
{
    private bool _disclaimsGrants;

    /// <inheritdoc/>
    public void StartSession()
    {
        if (setsid() < 0)
        {
            throw MacErrors.Last("setsid", "a process-group leader cannot start a session: start it from a program, not from a shell prompt");
        }
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
            throw MacErrors.Last("getrlimit", limit);
        }

        var wanted = new Limits { Soft = value, Hard = value };
        var possible = Math.Min(value, present.Hard);
        if (setrlimit(resource, in wanted) != 0 && setrlimit(resource, new Limits { Soft = possible, Hard = possible }) != 0)
        {
            throw MacErrors.Last("setrlimit", limit);
        }
    }

    /// <inheritdoc/>
    public void SetMask(UnixFileMode mask) => _ = umask((ushort)mask);

    /// <inheritdoc/>
    public void RedirectTo(string fifo)
    {
        // Without close-on-exec: the descriptor may already be the one it shall become.
        Point(MacFileImports.open("/dev/null", MacFileImports.OpenReadOnly), "/dev/null", 0);

        // Blocking: a full pipe slows the writer down until the reader is back, nothing is lost.
        Point(MacFileImports.open(fifo, MacFileImports.OpenReadWrite), fifo, 1, 2);
    }

    /// <inheritdoc/>
    public void Become(string? name, uint uid, uint gid)
    {
        // initgroups keeps the system's dynamic membership alive, setgroups would end it; without a record there is none.
        Check(name is null ? setgroups(1, in gid) : initgroups(name, (int)gid), name is null ? "setgroups" : "initgroups", gid);
        Check(setgid(gid), "setgid", gid);
        if (name is not null)
        {
            Check(setlogin(name), "setlogin", name);
        }

        Check(setuid(uid), "setuid", uid);
        Verify(uid, gid);
    }

    /// <inheritdoc/>
    public void DisclaimGrants() => _disclaimsGrants = true;

    /// <inheritdoc/>
    public void Execute(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        using var path = new NativeStrings([program]);
        using var argv = new NativeStrings([program, .. arguments]);
        using var envp = new NativeStrings([.. environment.Select(variable => $"{variable.Key}={variable.Value}")]);

        var attributes = ExecutionAttributes();

        // Marked, not closed: closing a guarded descriptor would end the process, and the runtime may still need its own. The
        // list holds the one through which it was read too, which is closed by then.
        foreach (var file in OpenFiles())
        {
            if (MacFileImports.ioctl(file, MacFileImports.CloseOnExecRequest) != 0 && Marshal.GetLastPInvokeError() != MacErrors.BadDescriptor)
            {
                throw MacErrors.Last("ioctl", $"descriptor {file}");
            }
        }

        // Ignored signals and the mask survive execve, and the runtime ignores SIGPIPE. Nothing below allocates: the
        // runtime's own signals are gone too.
        uint emptyMask = 0;
        for (var number = 1; number <= LastSignal; number++)
        {
            _ = signal(number, 0);
        }

        _ = sigprocmask(SetSignalMask, &emptyMask, null);
        var error = posix_spawn(null, *path.Pointer, 0, in attributes, argv.Pointer, envp.Pointer);
        throw MacErrors.From("posix_spawn", program, error);
    }

    /// <inheritdoc/>
    public bool KillEverythingElse()
    {
        if (getuid() == 0 || geteuid() != getuid())
        {
            throw new InvalidOperationException("Refused to signal everything: this process is not yet the user whose processes shall go");
        }

        // Success may mean zombies only, so the process table is asked.
        if (KillSystemCall(-1, SignalKill, 0) == 0)
        {
            return MacProcesses.HasOthers(getuid());
        }

        return Marshal.GetLastPInvokeError() == MacErrors.NoSuchProcess ? false : throw MacErrors.Last("__kill", -1);
    }

    /// <inheritdoc/>
    public void StandBack()
    {
        // Their answers do not matter: without them it goes on as it is.
        _ = setiopolicy_np(DiskPolicy, PolicyOfThread, PolicyThrottle);
        _ = pthread_set_qos_class_self_np(QualityBackground, 0);
    }

    // Those of an execve, which itself knows no attributes.
    private nint ExecutionAttributes()
    {
        CheckError(posix_spawnattr_init(out var attributes), "posix_spawnattr_init");
        CheckError(posix_spawnattr_setflags(ref attributes, SpawnInPlace), "posix_spawnattr_setflags");
        if (_disclaimsGrants)
        {
            try
            {
                CheckError(responsibility_spawnattrs_setdisclaim(ref attributes, 1), "responsibility_spawnattrs_setdisclaim");
            }
            catch (EntryPointNotFoundException)
            {
                throw new PlatformNotSupportedException(
                    "this version of macOS has no responsibility_spawnattrs_setdisclaim, so what was granted to the daemon (Full Disk Access) would reach the job; Agent:InheritGrants accepts that");
            }
        }

        return attributes;

        static void CheckError(int error, string call)
        {
            if (error != 0)
            {
                throw MacErrors.From(call, "attributes", error);
            }
        }
    }

    private static void Verify(uint uid, uint gid)
    {
        if (getuid() != uid || geteuid() != uid || getgid() != gid || getegid() != gid)
        {
            throw new InvalidOperationException(
                $"The identity is uid {getuid()}/{geteuid()} gid {getgid()}/{getegid()}, not {uid} and {gid}");
        }

        if (setuid(0) == 0 || seteuid(0) == 0)
        {
            throw new InvalidOperationException("The way back to root is open");
        }
    }

    private static List<int> OpenFiles() =>
    [
        .. Directory.GetFileSystemEntries("/dev/fd")
            .Select(path => int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var file) ? file : 0)
            .Where(file => file > 2),
    ];

    private static void Point(int opened, string path, params ReadOnlySpan<int> targets)
    {
        if (opened < 0)
        {
            throw MacErrors.Last("open", path);
        }

        foreach (var target in targets)
        {
            Check(dup2(opened, target), "dup2", path);
        }

        if (opened > 2)
        {
            _ = MacFileImports.close(opened);
        }
    }

    private static void Check(int result, string call, object subject)
    {
        if (result < 0)
        {
            throw MacErrors.Last(call, subject);
        }
    }
}
