using System.Diagnostics;
using System.Text.Json;
using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Simulator.Trial;

namespace MacRunners.Tests.Platform.Linux;

/// <summary>
/// A machine and what lies outside of it, in two network namespaces with a cable between them: the host's rules and addresses stay as they
/// are. Everything listens on every address, also the metadata service's, which the outside has.
/// </summary>
public sealed class TwoNetworks : IAsyncLifetime
{
    /// <summary>An address of the machine that is not its loopback; of the other family; and one that only its own network knows.</summary>
    internal static readonly IReadOnlyList<string> Own = ["10.77.0.1", "fd77::1", "fe80::77%cable"];

    /// <summary>Addresses of the outside.</summary>
    internal const string Peer = "10.77.0.2";

    /// <summary>The same of the other family.</summary>
    internal const string Peer6 = "fd77::2";

    private const string Listen = """
        import socket, sys, threading
        def serve(s):
            while True:
                try: s.accept()[0].close()
                except OSError: pass
        def echo(s):
            while True:
                data, who = s.recvfrom(100)
                s.sendto(data, who)
        for port in map(int, sys.argv[1:]):
            for family, everywhere in ((socket.AF_INET, '0.0.0.0'), (socket.AF_INET6, '::')):
                for kind, work in ((socket.SOCK_STREAM, serve), (socket.SOCK_DGRAM, echo)):
                    s = socket.socket(family, kind)
                    if family == socket.AF_INET6: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                    s.bind((everywhere, port))
                    if kind == socket.SOCK_STREAM: s.listen(100)
                    threading.Thread(target=work, args=(s,), daemon=True).start()
        print('ready', flush=True)
        threading.Event().wait()
        """;

    private const string Connect = """
        import json, socket, sys
        def attempt(kind, address, port):
            family, _, _, _, where = socket.getaddrinfo(address, port)[0]
            s = socket.socket(family, kind)
            s.settimeout(30)
            try:
                if kind == socket.SOCK_STREAM:
                    s.connect(where)
                else:
                    # The answer may come from another address of who was asked.
                    s.sendto(b'x', where)
                    s.recv(1)
                return 'open'
            except (ConnectionRefusedError, PermissionError):
                return 'refused'
            except OSError as e:
                return repr(e)
        kinds = {'tcp': socket.SOCK_STREAM, 'udp': socket.SOCK_DGRAM}
        print(json.dumps({t: attempt(kinds[t.split()[0]], t.split()[1], int(t.split()[2])) for t in sys.argv[1:]}))
        """;

    private readonly List<Process> _processes = [];
    private int _machine;
    private int _outside;

    /// <summary>Why none can be made on this host; null when they are there.</summary>
    internal string? WhyNot { get; private set; }

    /// <summary>The machine's packet filter.</summary>
    internal INetworkFence Fence => new Nftables(new InNamespace(_machine));

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        WhyNot = await HostFence.WhyNotAsync(TestContext.Current.CancellationToken);
        if (WhyNot is not null)
        {
            return;
        }

        _machine = Hold();
        _outside = Hold();
        var told = Scratch.Shell(
            """
            set -e
            ip link add cable netns "$1" type veth peer name cable netns "$2"
            machine() { nsenter --target "$m" --net -- "$@"; }
            m=$1; other=$2
            machine ip link set lo up
            machine ip link set cable up
            machine ip address add 10.77.0.1/24 dev cable
            machine ip address add fd77::1/64 nodad dev cable
            machine ip address add fe80::77/64 nodad dev cable
            machine ip route add default via 10.77.0.2
            machine ip -6 route add default via fd77::2
            m=$2
            machine ip link set lo up
            machine ip link set cable up
            machine ip address add 10.77.0.2/24 dev cable
            machine ip address add fd77::2/64 nodad dev cable
            machine ip address add 169.254.169.254/32 dev lo
            machine ip address add fd00:ec2::254/128 dev lo
            echo done
            """,
            $"{_machine}",
            $"{_outside}");
        Assert.Equal("done\n", told);
        Serve(_machine, 22, 53, 80, 5900, 8080, 8081);
        Serve(_outside, 22, 53, 80, 8080);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>What becomes of attempts of a user on the machine.</summary>
    /// <param name="user">Number.</param>
    /// <param name="attempts"><c>tcp|udp ADDRESS PORT</c>.</param>
    /// <returns>Of each: <c>open</c>, <c>refused</c> at once, or an error.</returns>
    internal IReadOnlyDictionary<string, string> Try(uint user, params IEnumerable<string> attempts)
    {
        using var process = Start(_machine, ["/usr/bin/setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", "/usr/bin/python3", "-c", Connect, .. attempts]);
        var answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return JsonSerializer.Deserialize<Dictionary<string, string>>(answer)!;
    }

    /// <summary>What somebody else does with the machine's filter.</summary>
    internal void Nft(params string[] arguments)
    {
        using var process = Start(_machine, ["/usr/sbin/nft", .. arguments]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private int Hold()
    {
        // The shell speaks when it is in its namespace.
        var holder = Process.Start(new ProcessStartInfo("/usr/bin/unshare", ["--net", "/bin/sh", "-c", "echo ready; exec sleep infinity"]) { RedirectStandardOutput = true })!;
        _processes.Add(holder);
        Assert.Equal("ready", holder.StandardOutput.ReadLine());
        return holder.Id;
    }

    private void Serve(int where, params int[] ports)
    {
        var server = Start(where, ["/usr/bin/python3", "-c", Listen, .. ports.Select(port => $"{port}")]);
        _processes.Add(server);
        Assert.Equal("ready", server.StandardOutput.ReadLine());
    }

    private static Process Start(int where, IEnumerable<string> command) =>
        Process.Start(new ProcessStartInfo("/usr/bin/nsenter", ["--target", $"{where}", "--net", "--", .. command]) { RedirectStandardOutput = true })!;

    /// <summary>Runs the system's tools in a network namespace.</summary>
    private sealed class InNamespace(int holder) : ITool
    {
        private readonly Tool _tool = new(TimeProvider.System);

        public Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellationToken) =>
            RunAsync(program, arguments, "", limit, cancellationToken);

        public Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, string input, TimeSpan limit, CancellationToken cancellationToken) =>
            _tool.RunAsync("/usr/bin/nsenter", ["--target", $"{holder}", "--net", "--", program, .. arguments], input, limit, cancellationToken);
    }
}
