using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MacRunners.Settings;

/// <summary>Section <c>Accounts</c>: the throw-away accounts.</summary>
internal sealed class AccountsOptions
{
    /// <summary>First number of the private range.</summary>
    [Description("First user and group number of the private range; people, system services and systemd's dynamic users lie below 65536")]
    [Range(65536, 2000000000)]
    public int UidMin { get; set; } = 700000;

    /// <summary>Last number of the private range.</summary>
    [Description("Last user and group number of the private range; when it is used up the machine retires until its next boot")]
    [Range(65536, 2000000000)]
    public int UidMax { get; set; } = 799999;

    /// <summary>Login shell of the accounts.</summary>
    [Description("Login shell of the accounts")]
    [Required]
    public string Shell { get; set; } = "/bin/bash";

    /// <summary>What a home is.</summary>
    [Description("What a job's home is: folder, a folder in Paths:Homes; or volume (macOS only), an APFS volume of its own that is mounted there and deleted with all that is in it. DEPLOYMENT.md says when which is better")]
    public HomeKind Home { get; set; } = HomeKind.Folder;

    /// <summary>Bytes that a home may grow to.</summary>
    [Description("With Accounts:Home volume: bytes that a job's home may grow to; 0 for no limit but the disk's")]
    [Range(0, 1125899906842624)]
    public long HomeQuotaBytes { get; set; }
}

/// <summary>What a job's home is.</summary>
internal enum HomeKind
{
    /// <summary>A folder in <c>Paths:Homes</c>.</summary>
    Folder,

    /// <summary>A volume of its own.</summary>
    Volume,
}
