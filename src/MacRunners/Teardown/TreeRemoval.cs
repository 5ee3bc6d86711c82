using MacRunners.Platform;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Teardown;

/// <summary>
/// Empties a root-only folder. Sub-folders are first renamed up into that folder and then emptied in their turn, so
/// neither depth nor the length of paths matters, at most two directories are open at a time, and nothing is ever reached
/// through a link.
/// </summary>
internal static class TreeRemoval
{
    // One batch of names is held in memory; a folder with a million entries is read in many.
    private const int Batch = 1000;

    // Ten million entries. A process that still works in a folder of the trash must not occupy the emptier for ever.
    private const int MostPasses = 10_000;

    /// <summary>Removes everything in the folder that can be removed.</summary>
    /// <param name="files">The platform's calls.</param>
    /// <param name="folder">A folder only root can enter.</param>
    /// <param name="stuck">Told about each entry that stays, and why.</param>
    /// <param name="cancellationToken">Stops between two entries.</param>
    public static void Empty(IFileCalls files, SafeFileHandle folder, Action<FileName, PosixException> stuck, CancellationToken cancellationToken)
    {
        var device = files.Stat(folder).Device;
        var hopeless = new HashSet<FileName>();
        long counter = 0;
        while (true)
        {
            var names = files.List(folder, Batch + hopeless.Count).Where(name => !hopeless.Contains(name)).ToList();
            if (names.Count == 0)
            {
                return;
            }

            foreach (var name in names)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    Remove(files, folder, name, device, ref counter, cancellationToken);
                }
                catch (PosixException e)
                {
                    _ = hopeless.Add(name);
                    stuck(name, e);
                }
            }
        }
    }

    private static void Remove(IFileCalls files, SafeFileHandle folder, FileName name, ulong device, ref long counter, CancellationToken cancellationToken)
    {
        if (files.Stat(folder, name) is not { } status)
        {
            return;
        }

        if (status.Kind != FileKind.Directory)
        {
            Unlink(files, folder, name);
            return;
        }

        if (status.Device != device)
        {
            throw new PosixException("rmdir", $"{name}, a mount point", PosixError.Busy, 0);
        }

        if (status.HasFlags)
        {
            files.ClearFlags(folder, name, status);
        }

        using (var inner = files.OpenDirectory(folder, name))
        {
            // Read again from the beginning until nothing is left: removing while reading may skip entries.
            var passes = 0;
            for (var entries = files.ListKinds(inner, Batch); entries.Count > 0; entries = files.ListKinds(inner, Batch))
            {
                if (++passes > MostPasses)
                {
                    throw new PosixException("rmdir", $"{name}, which is being filled as it is emptied", PosixError.NotEmpty, 0);
                }

                foreach (var entry in entries)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    RemoveOrLift(files, inner, entry, folder, device, ref counter);
                }
            }
        }

        WithFlagsCleared(files, folder, name, () => files.RemoveDirectory(folder, name));
    }

    private static void RemoveOrLift(IFileCalls files, SafeFileHandle inner, ListedFile listed, SafeFileHandle folder, ulong device, ref long counter)
    {
        var entry = listed.Name;
        if (listed.Kind is FileKind.Other or FileKind.Link && TryUnlink(files, inner, entry))
        {
            return;
        }

        if (files.Stat(inner, entry) is not { } status)
        {
            return;
        }

        if (status.Kind != FileKind.Directory)
        {
            Unlink(files, inner, entry);
            return;
        }

        if (status.Device != device)
        {
            throw new PosixException("rmdir", $"{entry}, a mount point", PosixError.Busy, 0);
        }

        while (true)
        {
            try
            {
                FileName lifted = $"lifted-{counter++:x}";
                WithFlagsCleared(files, inner, entry, () => files.Rename(inner, entry, folder, lifted));
                return;
            }
            catch (PosixException e) when (e.Error == PosixError.Exists)
            {
                // A name from an interrupted run: the next one.
            }
        }
    }

    // Nearly everything is a file that nothing protects: one call each.
    private static bool TryUnlink(IFileCalls files, SafeFileHandle parent, FileName name)
    {
        try
        {
            _ = files.Unlink(parent, name);
            return true;
        }
        catch (PosixException)
        {
            return false;
        }
    }

    /// <summary>Removes anything but a directory, whatever its flags; absent is as good.</summary>
    /// <exception cref="PosixException">It resists, or is a directory.</exception>
    public static void Unlink(IFileCalls files, SafeFileHandle parent, FileName name) =>
        WithFlagsCleared(files, parent, name, () => files.Unlink(parent, name));

    // Rare, so a refusal is the first that is asked of them.
    private static void WithFlagsCleared(IFileCalls files, SafeFileHandle parent, FileName name, Action attempt)
    {
        try
        {
            attempt();
        }
        catch (PosixException e) when (e.Error == PosixError.NotPermitted && files.Stat(parent, name) is { } seen)
        {
            files.ClearFlags(parent, name, seen);
            attempt();
        }
    }
}
