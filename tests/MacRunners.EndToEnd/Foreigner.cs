using System.Diagnostics;
using System.Globalization;

namespace MacRunners.EndToEnd;

/// <summary>A process of somebody who has nothing to do with the daemon.</summary>
internal sealed class Foreigner : IDisposable
{
    private readonly Process _process;

    private Foreigner(uint uid, Process process)
    {
        Uid = (int)uid;
        _process = process;
    }

    /// <summary>Whose it is.</summary>
    public int Uid { get; }

    /// <summary>Its number.</summary>
    public int Pid => _process.Id;

    /// <summary>Whether nobody has ended it.</summary>
    public bool Lives => !_process.HasExited;

    /// <summary>Starts one; it is that user's when this returns.</summary>
    public static Foreigner Start(uint uid)
    {
        var number = uid.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("/usr/bin/setpriv", ["--reuid", number, "--regid", number, "--clear-groups", "--", "/bin/sh", "-c", "echo ready; exec sleep 600"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        var process = Process.Start(start)!;
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        return new Foreigner(uid, process);
    }

    /// <summary>Ends it.</summary>
    public void End()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        _process.Dispose();
    }
}
