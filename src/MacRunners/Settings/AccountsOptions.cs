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
}
