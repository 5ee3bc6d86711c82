using System.Diagnostics;

namespace MacRunners.Tests.Platform;

/// <summary>Processes that do to themselves what a job might.</summary>
internal static class PythonProcess
{
    /// <summary>Runs the script, then sleeps; returns when the script has run.</summary>
    internal static Process Start(string script, bool? announces = null)
    {
        var end = announces is null ? "\nprint('ready', flush=True)\nimport time; time.sleep(600)" : announces.Value ? "" : "\nimport time; time.sleep(600)";
        var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", script + end]) { RedirectStandardOutput = true })!;
        if (announces is not false)
        {
            Assert.Equal("ready", process.StandardOutput.ReadLine());
        }

        return process;
    }
}
