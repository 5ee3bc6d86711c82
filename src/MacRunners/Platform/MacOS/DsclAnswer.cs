using System.Globalization;
using System.Text.RegularExpressions;

namespace MacRunners.Platform.MacOS;

/// <summary>
/// What <c>dscl</c> answered. Its exit code is the directory status modulo 256, so the code and the status it prints are
/// read together; the rest of the text differs between versions and is only shown to people.
/// </summary>
internal sealed partial record DsclAnswer(ToolResult Result)
{
    private const int KilledBySignal9 = 137;

    /// <summary>Meanings that callers tell apart.</summary>
    internal enum Meaning
    {
        /// <summary>Done.</summary>
        Done,

        /// <summary>No such record.</summary>
        Absent,

        /// <summary>The record, or its number, belongs to another one.</summary>
        Taken,

        /// <summary>The right is withheld: not root, or no Full Disk Access.</summary>
        Refused,

        /// <summary>Known to come and go.</summary>
        Spurious,

        /// <summary>Anything else.</summary>
        Failed,
    }

    /// <summary>The status that was printed, or null.</summary>
    internal int? Status =>
        StatusText.Match(Result.Error) is { Success: true } match ? int.Parse(match.Groups[1].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : null;

    /// <summary>Code and status together.</summary>
    internal Meaning Means => (Result.ExitCode, Status) switch
    {
        (0, null) => Meaning.Done,
        (56, -14136 or null) or (185, -14009 or null) => Meaning.Absent,
        (55, -14135 or null) => Meaning.Taken,
        (40, -14120 or null) => Meaning.Refused,
        (140, -14988) or (KilledBySignal9, _) => Meaning.Spurious,
        _ => Meaning.Failed,
    };

    [GeneratedRegex(@"DS Error: (-?\d+) \((\w+)\)")]
    private static partial Regex StatusText { get; }
}
