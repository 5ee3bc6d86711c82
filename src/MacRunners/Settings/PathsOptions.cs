using System.ComponentModel;

namespace MacRunners.Settings;

/// <summary>
/// Section <c>Paths</c>. All absolute; every component is owned by root and not writable by others. Null: the platform's
/// default, filled in before anything reads them.
/// </summary>
internal sealed class PathsOptions
{
    /// <summary>Journal and trash.</summary>
    [Description("Journal and trash. Default: /private/var/macrunners (macOS), /var/lib/macrunners (Linux)")]
    public string State { get; set; } = "";

    /// <summary>Log files.</summary>
    [Description("Log files. Default: /private/var/log/macrunners (macOS), /var/log/macrunners (Linux)")]
    public string Logs { get; set; } = "";

    /// <summary>Parent of the homes.</summary>
    [Description("Parent of the jobs' homes; best on the volume of Paths:State. Default: /Users (macOS), /var/lib/macrunners/homes (Linux)")]
    public string Homes { get; set; } = "";

    /// <summary>Run-time files.</summary>
    [Description("Run-time files. Default: /private/var/run/macrunners (macOS), /run/macrunners (Linux)")]
    public string Run { get; set; } = "";
}
