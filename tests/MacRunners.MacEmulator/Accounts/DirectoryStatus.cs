namespace MacRunners.MacEmulator.Accounts;

/// <summary>A result of the directory service: its number, its name, and the exit code <c>dscl</c> makes of it.</summary>
internal sealed record DirectoryStatus(int Number, string Name)
{
    internal static readonly DirectoryStatus UnknownNodeName = new(-14009, "eDSUnknownNodeName");
    internal static readonly DirectoryStatus PermissionError = new(-14120, "eDSPermissionError");
    internal static readonly DirectoryStatus InvalidRecordName = new(-14133, "eDSInvalidRecordName");
    internal static readonly DirectoryStatus AttributeNotFound = new(-14134, "eDSAttributeNotFound");
    internal static readonly DirectoryStatus RecordAlreadyExists = new(-14135, "eDSRecordAlreadyExists");
    internal static readonly DirectoryStatus RecordNotFound = new(-14136, "eDSRecordNotFound");
    internal static readonly DirectoryStatus AttributeDoesNotExist = new(-14137, "eDSAttributeDoesNotExist");
    internal static readonly DirectoryStatus NotYetImplemented = new(-14988, "eNotYetImplemented");

    /// <summary><c>dscl</c> returns <c>-status</c> from main; the system keeps eight bits of it.</summary>
    internal int ExitCode => -Number & 0xff;

    /// <summary>The line all failures end with.</summary>
    internal string ErrorLine => $"<dscl_cmd> DS Error: {Number} ({Name})";
}

/// <summary>The directory service refused an operation.</summary>
/// <param name="status">With which result.</param>
/// <param name="stage">What <c>dscl</c> calls it in the extra line it prints for writes (<c>attribute status</c>, <c>delete status</c>), or null.</param>
/// <param name="note">Something the emulator adds for people.</param>
internal sealed class DirectoryServiceException(DirectoryStatus status, string? stage = null, string? note = null)
    : Exception($"{status.Name} ({status.Number}) {note}")
{
    internal DirectoryStatus Status { get; } = status;

    internal string? Stage { get; } = stage;

    internal string? Note { get; } = note;
}
