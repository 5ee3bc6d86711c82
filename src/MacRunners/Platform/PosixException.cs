namespace MacRunners.Platform;

/// <summary>A system call failed. The numbers of errors differ by system, so they are translated at the seam.</summary>
internal sealed class PosixException(string call, string subject, PosixError error, int number)
    : IOException($"{call}({subject}) failed: {error} (errno {number})")
{
    /// <summary>Which failure, by name.</summary>
    public PosixError Error { get; } = error;

    /// <summary>The system's own number.</summary>
    public int Number { get; } = number;
}

/// <summary>The failures that callers tell apart.</summary>
internal enum PosixError
{
    /// <summary>Any other.</summary>
    Other,

    /// <summary>ENOENT.</summary>
    NotFound,

    /// <summary>EEXIST.</summary>
    Exists,

    /// <summary>EPERM or EACCES.</summary>
    NotPermitted,

    /// <summary>ENOTEMPTY.</summary>
    NotEmpty,

    /// <summary>ENOTDIR.</summary>
    NotADirectory,

    /// <summary>ELOOP: a link where none may be.</summary>
    IsALink,

    /// <summary>EXDEV.</summary>
    OtherDevice,

    /// <summary>EBUSY.</summary>
    Busy,

    /// <summary>ESRCH.</summary>
    NoSuchProcess,

    /// <summary>ENOSPC, EDQUOT.</summary>
    NoSpace,
}
