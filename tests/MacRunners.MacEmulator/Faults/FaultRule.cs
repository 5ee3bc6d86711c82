namespace MacRunners.MacEmulator.Faults;

/// <summary>
/// Something that is to go wrong. A rule applies to an invocation when tool, verb and argument, as far as given, all match;
/// all rules that apply work together.
/// </summary>
internal sealed record FaultRule
{
    /// <summary>Name of the command (<c>dscl</c>); null: every one.</summary>
    public string? Tool { get; init; }

    /// <summary>What it is to do, without leading dash (<c>create</c>, <c>bootout</c>); null: anything.</summary>
    public string? Verb { get; init; }

    /// <summary>An argument that must be among the invocation's (<c>IsHidden</c>, <c>/Users/bk-…</c>); null: any.</summary>
    public string? Argument { get; init; }

    /// <summary>Waits this long before anything else.</summary>
    public int DelayMs { get; init; }

    /// <summary>Never ends (until killed).</summary>
    public bool Hang { get; init; }

    /// <summary>New accounts are seen by name look-ups only after this time.</summary>
    public int LookupLagMs { get; init; }

    /// <summary>Full Disk Access is missing: deleting users and changing their UniqueID or NFSHomeDirectory ends with -14120.</summary>
    public bool TccDenied { get; init; }

    /// <summary>The next so many writes fail with the spurious -14988 and are not applied. Counts down.</summary>
    public int Flake140 { get; init; }

    /// <summary>The next so many writes fail with the spurious -14988 although they are applied. Counts down.</summary>
    public int Flake140Applied { get; init; }

    /// <summary>The next so many invocations die by SIGKILL before they did anything. Counts down.</summary>
    public int Sigkill { get; init; }

    /// <summary>The next so many invocations die by SIGKILL after they did their work. Counts down.</summary>
    public int SigkillApplied { get; init; }

    /// <summary>User and group numbers that count as in use.</summary>
    public IReadOnlyList<uint> UidTaken { get; init; } = [];

    /// <summary><c>launchctl bootout</c> ends with this code, and the domain lives on.</summary>
    public int? BootoutRc { get; init; }

    /// <summary>The next so many deletions of a volume find it in use. Counts down.</summary>
    public int DeleteVolumeBusy { get; init; }

    /// <summary>The service that has the list of processes is down: <c>pkill</c> cannot get it. <c>ps</c> asks the kernel itself.</summary>
    public bool SysmondDown { get; init; }

    /// <summary><c>createhomedir</c> makes nothing and calls that a success.</summary>
    public bool CreatehomedirNoop { get; init; }

    /// <summary>Lines written to standard error besides everything else, as real systems do (<c>objc[…]: Class … implemented in both</c>).</summary>
    public IReadOnlyList<string> StderrNoise { get; init; } = [];

    /// <summary>Lines end with CR LF.</summary>
    public bool Crlf { get; init; }

    internal bool AppliesTo(string tool, string verb, IReadOnlyList<string> arguments) =>
        (Tool is null || Tool == tool) && (Verb is null || Verb == verb) && (Argument is null || arguments.Contains(Argument));
}
