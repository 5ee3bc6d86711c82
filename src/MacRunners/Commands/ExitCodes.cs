namespace MacRunners.Commands;

/// <summary>Exit codes of all verbs but the helpers, as in sysexits.h where there is one.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>It went wrong; standard error or the log says why.</summary>
    public const int Failure = 1;

    /// <summary>Unknown verb or flag.</summary>
    public const int Usage = 64;

    /// <summary>A port or folder is not to be had, or the daemon does not answer.</summary>
    public const int Unavailable = 69;

    /// <summary>The daemon ended in order to be started again.</summary>
    public const int Restart = 75;

    /// <summary>Not started as root.</summary>
    public const int NotRoot = 77;

    /// <summary>The configuration has faults.</summary>
    public const int Configuration = 78;

    /// <summary>For help texts.</summary>
    public const string Help = """
        Exit codes:
          0   done
          1   it went wrong; standard error or the log says why
          64  unknown verb, flag or argument
          69  a port is taken, a folder cannot be made, or the daemon does not answer
          75  the daemon ended to be started again (`macrunners restart`)
          77  not started as root
          78  the configuration has faults (all of them are listed on standard error)
        """;
}
