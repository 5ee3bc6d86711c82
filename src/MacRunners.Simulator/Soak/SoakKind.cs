using MacRunners.Simulator.Demo;

namespace MacRunners.Simulator.Soak;

/// <summary>A kind of job, and the end that it demands.</summary>
/// <param name="Name">For people.</param>
/// <param name="Weight">How often it comes, relative to the others.</param>
/// <param name="Command">What the agent runs, given a number that varies it.</param>
/// <param name="Outcome">The daemon's outcome.</param>
/// <param name="State">The job's last state at Buildkite.</param>
/// <param name="ExitStatus">Exit status at Buildkite, given the same number; null: any but 0.</param>
/// <param name="CancelWhenRunning">Whether it is cancelled as soon as it runs.</param>
internal sealed record SoakKind(
    string Name, int Weight, Func<int, string> Command, string Outcome, string State, Func<int, int?> ExitStatus, bool CancelWhenRunning = false)
{
    /// <summary>All kinds.</summary>
    public static IReadOnlyList<SoakKind> All { get; } =
    [
        Passing("does nothing", 20, _ => "true"),
        Passing("passes", 20, _ => "./hello.sh; cat src/answer.txt"),
        new("fails", 12, number => $"echo 'about to fail'; exit {FailureOf(number)}", "Finished", "finished", number => FailureOf(number)),
        Passing("leaves daemons and files behind", 12, _ => DemoJob.Litter),
        Passing("leaves a burst of processes", 10, number => $"for i in $(seq {20 + (number % 80)}); do (setsid sleep 600 >/dev/null 2>&1 &); done"),
        Passing("leaves many files", 5, number => $"for i in $(seq {200 + (number % 300)}); do mkdir -p $HOME/many/$i; : > $HOME/many/$i/file; done"),
        Passing("prints a lot", 8, number => $"head -c {1 + (number % 3)}000000 /dev/zero | tr '\\0' x | fold -w 120"),
        Passing("leaves objects in the kernel", 6, number => $"ipcmk -M {4096 * (1 + (number % 9))}; ipcmk -Q; ipcmk -S 3"),
        Passing("comes back faster than it is seen", 4, _ => Hopping),
        Passing("fights its killers", 4, _ => "(setsid bash -c 'trap \"\" TERM INT HUP; while :; do pkill -STOP macrunners; pkill -KILL macrunners; done' >/dev/null 2>&1 &)"),
        Passing("leaves what is hard to remove", 4, _ => Stubborn),
        new("is cancelled", 8, _ => "echo 'waiting to be cancelled'; sleep 300", "Cancelled", "canceled", _ => null, CancelWhenRunning: true),
        new("is cancelled and does not listen", 4, _ => "trap '' TERM INT HUP; while :; do sleep 1; done", "Cancelled", "canceled", _ => null, CancelWhenRunning: true),
        new("exceeds its limit", 1, _ => "echo 'sleeping for five minutes'; sleep 300", "TimedOut", "finished", _ => null),
    ];

    // Each process starts the next and ends.
    private const string Hopping = """
        printf '#!/bin/bash\n"$0" &\n' >"$HOME/hop"
        chmod +x "$HOME/hop"
        (setsid "$HOME/hop" </dev/null >/dev/null 2>&1 &)
        """;

    private const string Stubborn = """
        cd "$HOME" && mkfifo fifo && touch -- -rf $'new\nline' "quo'te" && ln -s /etc etc && ln -s . loop
        mkdir closed && touch closed/file && chmod 000 closed
        for i in $(seq 400); do mkdir deep && cd -P deep; done
        """;

    private static SoakKind Passing(string name, int weight, Func<int, string> command) => new(name, weight, command, "Finished", "finished", _ => 0);

    private static int FailureOf(int number) => 1 + (number % 9);
}
