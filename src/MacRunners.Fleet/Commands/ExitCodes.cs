namespace MacRunners.Fleet.Commands;

/// <summary>Exit codes of all verbs, as in sysexits.h where there is one.</summary>
internal static class ExitCodes
{
    /// <summary>Done; for tests and comparisons: the answer is yes.</summary>
    public const int Success = 0;

    /// <summary>It went wrong; standard error says why.</summary>
    public const int Failure = 1;

    /// <summary>Done, and the answer is no.</summary>
    public const int No = 3;

    /// <summary>Done but for the message, which was not sent.</summary>
    public const int NotSent = 4;

    /// <summary>Unknown verb or flag.</summary>
    public const int Usage = 64;

    /// <summary>Orka does not answer, or its answer is an error of its own.</summary>
    public const int Unavailable = 69;

    /// <summary>Orka refuses the token.</summary>
    public const int Denied = 77;

    /// <summary>Settings, manifest or script are wrong.</summary>
    public const int Configuration = 78;

    /// <summary>It was interrupted; test VMs are deleted.</summary>
    public const int Interrupted = 130;

    /// <summary>For help texts.</summary>
    public const string Help = """
        Exit codes:
          0    done
          1    it went wrong; standard error says why
          3    done, and the answer is no: the image did not pass or is too old, or versions have drifted
          4    the message was not sent
          64   unknown verb, flag or argument
          69   Orka does not answer, or with an error of its own
          77   Orka refuses the token
          78   a setting, the manifest or the script is wrong
          130  interrupted (SIGINT, SIGTERM); test VMs are deleted
        """;
}
