using System.Text;
using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Accounts;

/// <summary>
/// <c>/etc/passwd</c> or <c>/etc/group</c>: read as a whole, replaced as a whole under <see cref="HostAccountsLock"/>, mode and
/// owner kept.
/// </summary>
internal sealed class HostFile(string path)
{
    internal static readonly HostFile Users = new("/etc/passwd");
    internal static readonly HostFile Groups = new("/etc/group");

    // Latin-1 keeps bytes that are no UTF-8 in lines that are none of our business.
    private static readonly Encoding Bytes = Encoding.Latin1;

    internal IReadOnlyList<HostLine> Read() =>
        [.. File.ReadAllText(path, Bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(HostLine.Parse)];

    /// <summary>Replaces the lines named in <paramref name="owned"/> by <paramref name="wanted"/>; every other line stays as it is.</summary>
    internal void Replace(IReadOnlySet<string> owned, IReadOnlyDictionary<string, string> wanted)
    {
        var present = Read();
        var lines = new List<string>(present.Count + wanted.Count);
        var placed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in present)
        {
            if (!owned.Contains(line.Name))
            {
                lines.Add(line.Text);
            }
            else if (wanted.TryGetValue(line.Name, out var text) && placed.Add(line.Name))
            {
                lines.Add(text);
            }
        }

        lines.AddRange(wanted.Where(entry => !placed.Contains(entry.Key)).Select(entry => entry.Value));
        if (!lines.SequenceEqual(present.Select(line => line.Text)))
        {
            Write(lines);
        }
    }

    private void Write(List<string> lines)
    {
        var temporary = path + ".mac-emulator";
        var (uid, gid) = Libc.OwnerOf(path);
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(temporary, options))
        {
            foreach (var line in lines)
            {
                stream.Write(Bytes.GetBytes(line));
                stream.WriteByte((byte)'\n');
            }

            File.SetUnixFileMode(stream.SafeFileHandle, File.GetUnixFileMode(path));
            Libc.Check(Libc.ChangeOwner((int)stream.SafeFileHandle.DangerousGetHandle(), uid, gid), "fchown", temporary);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
