namespace MacRunners.Jobs.Journal;

/// <summary>
/// Disk space set aside, so that on a disk that a job has filled the journal can still say what is done about it: when a line does not
/// fit, the reserve is given up, and what is running can be ended in good order.
/// </summary>
internal sealed class JournalReserve(string folder)
{
    /// <summary>Bytes: thousands of lines, and one whole journal written anew.</summary>
    public const int Size = 1024 * 1024;

    private const string FileName = "journal.reserve";

    private string Path => System.IO.Path.Combine(folder, FileName);

    /// <summary>Whether it is there in full.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Sets the space aside, if it is not already.</summary>
    /// <returns>Whether it is there now.</returns>
    public bool TryMake()
    {
        if (IsWhole || new FileInfo(Path) is { Exists: true, Length: Size })
        {
            return IsWhole = true;
        }

        try
        {
            using var file = new FileStream(Path, new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });

            // Written, not only sized: a hole would hold no space.
            file.Write(new byte[Size]);
            file.Flush(flushToDisk: true);
            IsWhole = true;
        }
        catch (IOException)
        {
            // A part of it would only take the space from those who need it.
            GiveUp();
        }

        return IsWhole;
    }

    /// <summary>Gives the space back.</summary>
    /// <returns>Whether there was any.</returns>
    public bool GiveUp()
    {
        IsWhole = false;
        if (!File.Exists(Path))
        {
            return false;
        }

        File.Delete(Path);
        return true;
    }
}
