using System.Globalization;

namespace MacRunners.Simulator.Agent.Processes;

/// <summary>Signal numbers and the names the agent knows them by.</summary>
internal static class Signal
{
    public const int Hangup = 1;
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int Pipe = 13;
    public const int Terminate = 15;

    /// <summary>What <c>--cancel-signal</c> accepts. The agent has Linux's numbers on every platform.</summary>
    private static readonly Dictionary<string, int> CancelSignals = new(StringComparer.OrdinalIgnoreCase)
    {
        ["SIGHUP"] = Hangup,
        ["SIGINT"] = Interrupt,
        ["SIGQUIT"] = Quit,
        ["SIGUSR1"] = 10,
        ["SIGUSR2"] = 12,
        ["SIGTERM"] = Terminate,
    };

    private static readonly string[] LinuxNames =
    [
        "", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV",
        "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN",
        "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
    ];

    private static readonly string[] DarwinNames =
    [
        "", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGEMT", "SIGFPE", "SIGKILL", "SIGBUS", "SIGSEGV",
        "SIGSYS", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGURG", "SIGSTOP", "SIGTSTP", "SIGCONT", "SIGCHLD", "SIGTTIN",
        "SIGTTOU", "SIGIO", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGINFO", "SIGUSR1", "SIGUSR2",
    ];

    /// <summary>Number of a <c>--cancel-signal</c>; throws <see cref="AgentFailureException"/> if the agent does not know it.</summary>
    public static int Parse(string name) => CancelSignals.TryGetValue(name, out var number)
        ? number
        : throw new AgentFailureException($"failed to parse cancel-signal: Unknown signal \"{name}\"");

    /// <summary>The name reported to the server, such as <c>SIGTERM</c>.</summary>
    public static string Name(int number)
    {
        var names = OperatingSystem.IsMacOS() ? DarwinNames : LinuxNames;
        return number > 0 && number < names.Length ? names[number] : number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The words of the job log, such as <c>killed</c>.</summary>
    public static string Describe(int number) => Name(number) switch
    {
        "SIGHUP" => "hangup",
        "SIGINT" => "interrupt",
        "SIGQUIT" => "quit",
        "SIGABRT" => "aborted",
        "SIGKILL" => "killed",
        "SIGSEGV" => "segmentation fault",
        "SIGPIPE" => "broken pipe",
        "SIGTERM" => "terminated",
        var name => name,
    };

    /// <summary>Ends this very process by the signal, as if it had never been handled, so that the parent sees a signalled child.</summary>
    public static void DieBy(int number)
    {
        NativeCalls.SetSignalAction(number, 0);
        NativeCalls.Kill(Environment.ProcessId, number);
    }
}
