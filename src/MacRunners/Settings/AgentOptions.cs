using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MacRunners.Settings;

/// <summary>Section <c>Agent</c>: the <c>buildkite-agent</c> that runs each job.</summary>
internal sealed class AgentOptions
{
    /// <summary>Path of the binary; null: the platform's usual place.</summary>
    [Description("Absolute path of buildkite-agent. Default: /usr/local/bin/buildkite-agent (macOS), /usr/bin/buildkite-agent (Linux)")]
    public string? Path { get; set; }

    /// <summary>Folder of global hooks.</summary>
    [Description("Folder of agent hooks; root-owned, not writable by others. Default: none")]
    public string? HooksPath { get; set; }

    /// <summary>Shell that runs commands.</summary>
    [Description("Shell for a job's commands, as the agent's --shell")]
    [Required]
    public string Shell { get; set; } = "/bin/bash -e -c";

    /// <summary>Additional variables of the agent's environment.</summary>
    [Description("Additional environment variables of the agent and its jobs (Agent:Environment:NAME)")]
    [Secret]
    public Dictionary<string, string> Environment { get; set; } = [];

    /// <summary>Additional flags.</summary>
    [Description("Additional flags for `buildkite-agent start`, one element each; --token is refused")]
    public string[] Flags { get; set; } = [];

    /// <summary>Open files of one process.</summary>
    [Description("Limit of open files of each process of a job (lowered to the hard limit)")]
    [Range(256, 1048576)]
    public int OpenFiles { get; set; } = 65536;

    /// <summary>Processes of a job.</summary>
    [Description("Limit of processes of a job")]
    [Range(16, 100000)]
    public int Processes { get; set; } = 2000;

    /// <summary>Size of each file a job writes, bytes; 0 for no such limit.</summary>
    [Description("Limit of the size of each file that a process of a job writes, bytes: who writes on is killed by SIGXFSZ. 0 for none")]
    [Range(0, 1125899906842624)]
    public long MaxFileBytes { get; set; }

    /// <summary>Whether the daemon's grants reach jobs.</summary>
    [Description("macOS: whether jobs are covered by what the daemon was granted (Full Disk Access) instead of answering for themselves. Only where jobs must reach the local network and macOS 15 or later refuses it to them")]
    public bool InheritGrants { get; set; }
}
