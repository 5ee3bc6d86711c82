namespace MacRunners.Simulator.Demo;

/// <summary>One job of the demonstration, and how it has to end.</summary>
/// <param name="Name">For people.</param>
/// <param name="Command">What the agent runs.</param>
/// <param name="Outcome">The daemon's outcome.</param>
/// <param name="ExitStatus">Exit status at Buildkite; null: any but 0.</param>
/// <param name="CancelWhenRunning">Whether it is cancelled as soon as it runs.</param>
internal sealed record DemoJob(string Name, string Command, string Outcome, int? ExitStatus, bool CancelWhenRunning = false)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<DemoJob> All { get; } =
    [
        new("passes", "./hello.sh; cat src/answer.txt", "Finished", 0),
        new("fails", "echo 'about to fail'; exit 3", "Finished", 3),
        new("leaves daemons and files behind", Litter, "Finished", 0),
        new("exceeds its limit", "echo 'sleeping for five minutes'; sleep 300", "TimedOut", null),
        new("is cancelled", "echo 'waiting to be cancelled'; sleep 300", "Cancelled", null, CancelWhenRunning: true),
        new("looks for the cluster token", Spy, "Finished", 0),
    ];

    /// <summary>A command that leaves processes that left every group and ignore every signal they can, and files in all shared places, some awkward.</summary>
    public const string Litter = """
        for i in 1 2 3; do (trap '' TERM HUP INT; setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done' >/dev/null 2>&1 &); done
        for place in /tmp /var/tmp /dev/shm; do
          mkdir "$place/left-by-$BUILDKITE_JOB_ID"
          echo secret > "$place/left-by-$BUILDKITE_JOB_ID/file"
          chmod 000 "$place/left-by-$BUILDKITE_JOB_ID"
          touch "$place/-rf $BUILDKITE_JOB_ID"
        done
        mkfifo "/tmp/fifo-$BUILDKITE_JOB_ID"
        ln -s /etc "$HOME/looks-like-etc"
        deep=$HOME; for i in $(seq 60); do deep="$deep/deeper"; mkdir "$deep"; done
        echo "left 3 daemons and 7 entries behind"
        """;

    // Everything an unprivileged process can look at. The pattern is split so that the search does not find itself.
    private const string Spy = """
        pattern="bkct""_[0-9a-f]\{40\}"
        found=0
        look() { if "$@" 2>/dev/null | tr '\0' '\n' | grep -q "$pattern"; then echo "FOUND by: $*"; found=1; fi; }
        look env
        look cat /proc/[0-9]*/cmdline
        look cat /proc/[0-9]*/environ
        look find /proc/self/fd -type l -printf '%l\n'
        look grep -rIhs "$pattern" "$HOME" /tmp /var/tmp /etc /run /var/log
        look grep -rIhs "$pattern" "${HOME%/*}/.."
        [ "$found" = 0 ] && echo "no cluster token in environment, process list, descriptors or readable files"
        exit "$found"
        """;
}
