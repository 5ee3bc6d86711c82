using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MacRunners.Settings;

/// <summary>Section <c>Network</c>: the fence that the system's packet filter keeps around the jobs' accounts.</summary>
internal sealed class NetworkOptions
{
    /// <summary>Whether there is a fence; no job is taken while it is wanted and does not stand.</summary>
    [Description("Keep jobs from the metadata service of clouds (169.254.169.254), from ports of this machine (22, 5900 and Http:Port) and from what is added below, by rules of nftables or pf for the numbers of Accounts. While the rules do not stand no job is taken")]
    public bool Fence { get; set; } = true;

    /// <summary>Address ranges of other machines.</summary>
    [Description("Further address ranges that jobs cannot reach (10.0.0.0/8, fd00::/8), such as the fleet's own; port 53 stays open in them")]
    public string[] Blocked { get; set; } = [];

    /// <summary>Ports of this machine.</summary>
    [Description("Further TCP and UDP ports of this machine that jobs cannot reach, on all its addresses")]
    public string[] BlockedPorts { get; set; } = [];

    /// <summary>Name of the rules in the packet filter.</summary>
    [Description("Name of the rules: table inet NAME of nftables, anchor com.apple/NAME of pf; one of its own for each of several daemons on a machine")]
    [Required]
    [RegularExpression("^macrunners[a-z0-9_]{0,20}$", ErrorMessage = "macrunners and up to 20 of a-z, 0-9 and _")]
    public string Table { get; set; } = "macrunners";
}
