using Microsoft.Win32.SafeHandles;

namespace MacRunners.Platform;

/// <summary>
/// File calls relative to an open directory. None follows a symbolic link in its last component, none opens anything but
/// directories, so a job can neither redirect nor block root with what it leaves behind.
/// </summary>
internal interface IFileCalls
{
    /// <summary>Opens a directory by absolute path (<c>O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC</c>; on macOS no component may be a link). Only for paths whose parents root owns.</summary>
    /// <exception cref="PosixException">Absent, no directory, or a link.</exception>
    SafeFileHandle OpenDirectory(string path);

    /// <summary>Opens a directory inside an open one; never a link.</summary>
    SafeFileHandle OpenDirectory(SafeFileHandle parent, FileName name);

    /// <summary>The entry itself, not what a link points to; null when absent.</summary>
    FileStatus? Stat(SafeFileHandle parent, FileName name);

    /// <summary>The open directory itself.</summary>
    FileStatus Stat(SafeFileHandle directory);

    /// <summary>What is in the directory, without <c>.</c> and <c>..</c>, read afresh from the beginning, at most <paramref name="limit"/> of them.</summary>
    IReadOnlyList<ListedFile> ListKinds(SafeFileHandle directory, int limit = int.MaxValue);

    /// <summary>The names alone, see <see cref="ListKinds"/>.</summary>
    IReadOnlyList<FileName> List(SafeFileHandle directory, int limit = int.MaxValue) => [.. ListKinds(directory, limit).Select(file => file.Name)];

    /// <summary>Renames; never replaces an existing entry.</summary>
    void Rename(SafeFileHandle from, FileName name, SafeFileHandle to, FileName newName);

    /// <summary>Removes anything but a directory. False when absent.</summary>
    bool Unlink(SafeFileHandle parent, FileName name);

    /// <summary>Removes an empty directory. False when absent.</summary>
    bool RemoveDirectory(SafeFileHandle parent, FileName name);

    /// <summary>Makes a directory, exactly with this mode whatever the umask, owner and group, and returns it open.</summary>
    /// <exception cref="PosixException"><see cref="PosixError.Exists"/> when the name is taken.</exception>
    SafeFileHandle MakeDirectory(SafeFileHandle parent, FileName name, UnixFileMode mode, uint uid, uint gid);

    /// <summary>Gives an open directory exactly this mode, owner and group.</summary>
    void GiveAway(SafeFileHandle directory, UnixFileMode mode, uint uid, uint gid);

    /// <summary>Makes a FIFO, exactly with this mode whatever the umask, in a folder that only root can write to.</summary>
    void MakeFifo(string path, UnixFileMode mode, uint uid = 0, uint gid = 0);

    /// <summary>Opens a FIFO in a folder that only root can write to for reading without waiting for a writer.</summary>
    SafeFileHandle OpenFifo(string path);

    /// <summary>Opens a FIFO in a folder that only root can write to for writing without waiting for a reader; null while nobody has it open for reading.</summary>
    SafeFileHandle? OpenFifoToWrite(string path);

    /// <summary>Reads what is in the FIFO now.</summary>
    /// <returns>Number of bytes; 0 when nobody has it open for writing; −1 when somebody has, but nothing is there.</returns>
    int ReadFifo(SafeFileHandle fifo, Span<byte> buffer);

    /// <summary>Writes into an empty FIFO without waiting for the reader: all of it, or an exception. At most 512 bytes are sure to fit.</summary>
    /// <exception cref="PosixException">Nobody has it open for reading any more, or it does not fit.</exception>
    void WriteFifo(SafeFileHandle fifo, ReadOnlySpan<byte> content);

    /// <summary>Clears immutable and append-only flags of the entry, as far as the platform lets root; absent is no error.</summary>
    /// <param name="parent">Its directory.</param>
    /// <param name="name">The entry.</param>
    /// <param name="seen">What it was when the caller decided; another file that has taken the name keeps its flags.</param>
    /// <exception cref="PosixException">They stay, or the entry was exchanged meanwhile.</exception>
    void ClearFlags(SafeFileHandle parent, FileName name, FileStatus seen);

    /// <summary>Mounts below the absolute path <paramref name="path"/> (itself included), deepest first.</summary>
    IReadOnlyList<Mount> MountsBelow(string path);

    /// <summary>Mounts, anywhere, of what the user mounted himself (disk images, FUSE), deepest first.</summary>
    IReadOnlyList<Mount> MountsOf(uint uid);

    /// <summary>Unmounts by force what was listed, and nothing else: who can exchange a part of the way to it may still live.</summary>
    /// <param name="mount">As it was listed.</param>
    /// <param name="letGo">
    /// Lets also those go who wait in it for an answer, and who cannot be killed before. Only for what a user mounted himself: it ends the
    /// file system wherever else it is mounted.
    /// </param>
    /// <exception cref="PosixException">It cannot be unmounted, or it is not there any more.</exception>
    void Unmount(Mount mount, bool letGo = false);

    /// <summary>How many files the path's file system can still take; the greatest number where it makes room for them as it needs it.</summary>
    long FreeInodes(string path);
}

/// <summary>A mounted file system.</summary>
/// <param name="Point">Absolute path of where it is, for people and for order: by the time it is used it may lead elsewhere.</param>
/// <param name="Id">The kernel's number for this mount, as long as it is there.</param>
internal readonly record struct Mount(string Point, ulong Id)
{
    /// <inheritdoc/>
    public override string ToString() => Point;
}

/// <summary>An entry as its directory lists it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Its type, which saves a <c>stat</c>, but may be another one by now; null where the file system does not keep it in the directory.</param>
internal readonly record struct ListedFile(FileName Name, FileKind? Kind)
{
    /// <summary>The kind behind a <c>d_type</c>, whose numbers Linux and macOS share.</summary>
    public static FileKind? KindOf(byte type) => type switch
    {
        0 => null,
        4 => FileKind.Directory,
        10 => FileKind.Link,
        _ => FileKind.Other,
    };
}

/// <summary>What <c>stat</c> says, as far as teardown needs it.</summary>
/// <param name="Device">Number of the file system.</param>
/// <param name="Inode">Number of the file in it.</param>
/// <param name="Kind">Type of the entry.</param>
/// <param name="Mode">Permission bits including set-id and sticky.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
/// <param name="HasFlags">An immutable, append-only or similar flag is set that stands in the way of removal.</param>
internal readonly record struct FileStatus(ulong Device, ulong Inode, FileKind Kind, UnixFileMode Mode, uint Uid, uint Gid, bool HasFlags);

/// <summary>Types of directory entries that matter here.</summary>
internal enum FileKind
{
    /// <summary>Regular file, FIFO, socket or device: unlinked, never opened.</summary>
    Other,

    /// <summary>Directory.</summary>
    Directory,

    /// <summary>Symbolic link.</summary>
    Link,
}
