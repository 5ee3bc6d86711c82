using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Platform.Linux;

/// <summary>IPC objects as <c>/proc/sysvipc</c> and the file system of POSIX queues show them.</summary>
internal sealed unsafe partial class LinuxKernelObjects(IFileCalls files) : IKernelObjects
{
    private const string MountedQueues = "/dev/mqueue";
    private const int RemoveId = 0;
    private const int Removed = 0x200;

    // The same numbers on every architecture that .NET runs on.
    private const nint SystemCallFsopen = 430;
    private const nint SystemCallFsconfig = 431;
    private const nint SystemCallFsmount = 432;
    private const nint CloseOnExec = 1;
    private const nint Create = 6;

    private static readonly (KernelObjectKind Kind, string File, string Id)[] Tables =
    [
        (KernelObjectKind.SharedMemory, "/proc/sysvipc/shm", "shmid"),
        (KernelObjectKind.Semaphores, "/proc/sysvipc/sem", "semid"),
        (KernelObjectKind.MessageQueue, "/proc/sysvipc/msg", "msqid"),
    ];

    /// <inheritdoc/>
    public Task<IReadOnlyList<KernelObject>> MadeByAsync(string name, uint uid, CancellationToken cancellationToken)
    {
        var found = new List<KernelObject>();
        foreach (var (kind, file, id) in Tables)
        {
            // A kernel without System V IPC has no such file.
            if (File.Exists(file))
            {
                found.AddRange(OwnedBy(Lines(file), uid, id).Select(number => new KernelObject(kind, number)));
            }
        }

        VisitQueues((_, queue, owner) =>
        {
            if (owner == uid)
            {
                found.Add(new KernelObject(KernelObjectKind.PosixQueue, queue.ToString()));
            }
        });
        return Task.FromResult<IReadOnlyList<KernelObject>>(found);
    }

    /// <inheritdoc/>
    public Task RemoveAsync(IReadOnlyList<KernelObject> found, CancellationToken cancellationToken)
    {
        var wanted = found.Where(one => one.Kind is KernelObjectKind.PosixQueue).Select(one => one.Id).ToHashSet();
        if (wanted.Count > 0)
        {
            VisitQueues((queues, queue, _) =>
            {
                if (wanted.Contains(queue.ToString()))
                {
                    files.Unlink(queues, queue);
                }
            });
        }

        foreach (var one in found.Where(one => one.Kind is not KernelObjectKind.PosixQueue))
        {
            Remove(one);
        }

        return Task.CompletedTask;
    }

    /// <summary>Numbers of the objects in a table that a user made: the owner can be changed, also to somebody who knows nothing of it. Without those that are removed already and wait for the last process that uses them.</summary>
    internal static IEnumerable<string> OwnedBy(IReadOnlyList<string> table, uint uid, string id)
    {
        var columns = Words(table[0]);
        var (maker, number, mode) = (Array.IndexOf(columns, "cuid"), Array.IndexOf(columns, id), Array.IndexOf(columns, "perms"));
        if (number < 0 || maker < 0 || mode < 0)
        {
            throw new ToolException($"The table of System V IPC has other columns than expected: {table[0]}");
        }

        var owner = uid.ToString(CultureInfo.InvariantCulture);
        return table.Skip(1).Select(Words).Where(row => row[maker] == owner && (Convert.ToInt32(row[mode], 8) & Removed) == 0).Select(row => row[number]);

        static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static void Remove(KernelObject found)
    {
        var id = int.Parse(found.Id, CultureInfo.InvariantCulture);
        var result = found.Kind switch
        {
            KernelObjectKind.SharedMemory => shmctl(id, RemoveId, 0),
            KernelObjectKind.Semaphores => semctl(id, 0, RemoveId),
            _ => msgctl(id, RemoveId, 0),
        };
        if (result < 0 && Marshal.GetLastPInvokeError() is not (LinuxErrors.InvalidArgument or LinuxErrors.Removed))
        {
            throw LinuxErrors.Last("IPC_RMID", found);
        }
    }

    // A mount of our own that stands nowhere: the usual one may be missing. Without the right to mount, as in a container, it has to do.
    private SafeFileHandle OpenQueues()
    {
        SafeFileHandle context;
        fixed (byte* type = "mqueue\0"u8)
        {
            context = new SafeFileHandle(SystemCall(SystemCallFsopen, (nint)type, CloseOnExec, 0, 0, 0), ownsHandle: true);
        }

        using (context)
        {
            if (!context.IsInvalid && SystemCall(SystemCallFsconfig, context.DangerousGetHandle(), Create, 0, 0, 0) == 0)
            {
                using var mount = new SafeFileHandle(SystemCall(SystemCallFsmount, context.DangerousGetHandle(), CloseOnExec, 0, 0, 0), ownsHandle: true);
                if (!mount.IsInvalid)
                {
                    var top = LinuxFileImports.openat(mount, in "."u8[0], LinuxFileImports.OpenDirectoryOnly | LinuxFileImports.OpenCloseOnExec);
                    return top >= 0 ? new SafeFileHandle(top, ownsHandle: true) : throw LinuxErrors.Last("openat", "mqueue");
                }
            }
        }

        return Directory.Exists(MountedQueues) ? files.OpenDirectory(MountedQueues) : new SafeFileHandle(-1, ownsHandle: false);
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (IOException e)
        {
            throw new ToolException($"{file} cannot be read: {e.Message}", e);
        }
    }

    // Entries of this file system cannot be renamed, so it is none of the places that are moved into the trash.
    private void VisitQueues(Action<SafeFileHandle, FileName, uint> visit)
    {
        using var queues = OpenQueues();
        if (queues.IsInvalid)
        {
            return;
        }

        foreach (var queue in files.List(queues))
        {
            if (files.Stat(queues, queue) is { } status)
            {
                visit(queues, queue, status.Uid);
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int shmctl(int id, int command, nint buffer);

    // Variadic, but this command has no fourth argument.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int semctl(int id, int number, int command);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int msgctl(int id, int command, nint buffer);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth, nint fifth);
}
