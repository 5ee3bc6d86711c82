using System.Diagnostics;
using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Teardown;

/// <summary>Processes of a job's account.</summary>
internal static class JobProcess
{
    private static string Become(uint id, string first) =>
        $"import os, signal, time, resource\n{first}resource.setrlimit(resource.RLIMIT_NPROC, (25, 25))\nos.setgroups([])\nos.setresgid({id},{id},{id})\nos.setresuid({id},{id},{id})\n";

    /// <summary>Sleeps. Root runs <paramref name="first"/> before it becomes the account, here as below.</summary>
    internal static Process Sleeping(uint id, string first = "") => PythonProcess.Start(Become(id, first));

    /// <summary>Does what the script says, at most 25 processes at once; the script itself prints <c>ready</c>.</summary>
    internal static Process Running(uint id, string script, string first = "") => PythonProcess.Start(Become(id, first) + script, announces: true);

    /// <summary>
    /// The one process that is left of those that fork and exit on their way: the last of them says <c>ready</c> while its parents are
    /// still exiting, and they count until they have.
    /// </summary>
    internal static async Task<ProcessEntry> LastOneAsync(IProcessTable processes, uint id)
    {
        for (; ; await Task.Yield())
        {
            if (processes.OwnedBy(id) is [var last])
            {
                return last;
            }
        }
    }

    /// <summary>Kills what a failed test left, one number only.</summary>
    internal static void KillAll(uint id)
    {
        var processes = new LinuxProcesses();
        for (var left = processes.OwnedBy(id); left.Count > 0; left = processes.OwnedBy(id))
        {
            Scratch.Shell("setpriv --reuid \"$1\" --clear-groups /bin/kill -KILL -1", $"{id}");
        }
    }
}
