using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Accounts;

/// <summary>
/// The locks that the host's own account tools take: <c>lckpwdf</c> (<c>/etc/.pwd.lock</c>), then <c>/etc/passwd.lock</c> and
/// <c>/etc/group.lock</c>, each a hard link to a file with the holder's pid, as the shadow tools make them.
/// </summary>
internal sealed class HostAccountsLock : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private readonly List<string> _links = [];

    private HostAccountsLock()
    {
    }

    internal static async Task<HostAccountsLock> TakeAsync(TimeProvider time)
    {
        Libc.Check(Libc.LockPasswordFiles(), "lckpwdf", "/etc/.pwd.lock");
        var held = new HostAccountsLock();
        try
        {
            await held.LinkAsync("/etc/passwd", time);
            await held.LinkAsync("/etc/group", time);
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var link in _links)
        {
            File.Delete(link);
        }

        _ = Libc.UnlockPasswordFiles();
    }

    private async Task LinkAsync(string file, TimeProvider time)
    {
        var link = file + ".lock";
        var own = $"{file}.{Environment.ProcessId}";
        var start = time.GetTimestamp();
        await File.WriteAllBytesAsync(own, Encoding.ASCII.GetBytes($"{Environment.ProcessId}\0"));
        try
        {
            while (Libc.Link(own, link) != 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error != Libc.Exists || time.GetElapsedTime(start) > Patience)
                {
                    throw new IOException($"{link} is held by another program (errno {error})");
                }

                if (!await RemoveIfStaleAsync(link))
                {
                    await Task.Delay(Pause, time);
                }
            }

            _links.Add(link);
        }
        finally
        {
            File.Delete(own);
        }
    }

    // The holder was killed; the shadow tools decide it the same way.
    private static async Task<bool> RemoveIfStaleAsync(string link)
    {
        string text;
        try
        {
            text = await File.ReadAllTextAsync(link);
        }
        catch (FileNotFoundException)
        {
            return true;
        }

        var digits = text.TrimEnd('\0', '\n');
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || pid <= 0)
        {
            return false;
        }

        if (Libc.Kill(pid, 0) == 0 || Marshal.GetLastPInvokeError() != Libc.NoProcess)
        {
            return false;
        }

        File.Delete(link);
        return true;
    }
}
