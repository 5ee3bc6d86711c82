namespace MacRunners.Platform;

/// <summary>Small files of root's that survive a crash or a power cut either as they were or as they shall be.</summary>
internal static class DurableFile
{
    /// <summary>Puts a file, readable by root alone, in the place of another one or of none. It is on disk when this returns.</summary>
    /// <param name="files">The platform's calls.</param>
    /// <param name="path">Absolute; in a folder of root's.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">The disk refuses; what was there still is.</exception>
    public static void Replace(IFileCalls files, string path, Action<Stream> write)
    {
        // Renamed into its place: there is no moment at which half of it could be read.
        var incomplete = path + ".new";
        using (var file = new FileStream(incomplete, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            write(file);
            file.Flush(flushToDisk: true);
        }

        File.Move(incomplete, path, overwrite: true);
        FlushFolder(files, path);
    }

    /// <summary>Makes a rename or removal in the file's folder survive a power cut, too.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void FlushFolder(IFileCalls files, string path)
    {
        using var folder = files.OpenDirectory(Path.GetDirectoryName(path)!);
        RandomAccess.FlushToDisk(folder);
    }
}
