using System.Globalization;
using MacRunners.Simulator.Messages;

namespace MacRunners.EndToEnd;

/// <summary>A job that tries to listen on the daemon's port, in every way and all the time, so that it would answer in its place.</summary>
internal static class PortIntruder
{
    /// <summary>Printed after its first round.</summary>
    public const string Begun = "tries";

    private const string Listens = "LISTENING";

    /// <summary>Its command.</summary>
    /// <param name="port">The daemon's port.</param>
    /// <param name="gate">It ends when this file exists.</param>
    public static string Script(int port, string gate) => $$"""
        python3 - <<'END'
        import os, socket
        tried = 0
        while not os.path.exists("{{gate}}"):
            for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::1"), (socket.AF_INET6, "::")):
                s = socket.socket(family)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                try:
                    s.bind((address, {{port}}))
                    s.listen()
                    print("{{Listens}}", flush=True)
                except OSError:
                    tried += 1
                s.close()
            if tried == 4:
                print("{{Begun}}", flush=True)
        print("tried=%d" % tried)
        END
        """;

    /// <summary>Fails unless it passed, had not once listened, and had tried more often than the daemon was started.</summary>
    public static void NeverListened(JobView job, int restarts)
    {
        Assert.Equal(0, job.ExitStatus);
        Assert.DoesNotContain(Listens, Worker.Printed(job));
        Assert.True(int.Parse(Worker.Value(job, "tried"), CultureInfo.InvariantCulture) > restarts);
    }
}
