using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Trial;

namespace MacRunners.EndToEnd.Packaging;

/// <summary>
/// A Linux machine: the host's systemd, booted in namespaces of its own, over the host's files, which stay as they are. Its
/// processes, mounts and control groups end with its first process.
/// </summary>
internal sealed class SystemdMachine : ServicedMachine
{
    private static readonly string[] Overlaid = ["etc", "opt", "usr/local", "var"];

    // What the tools for accounts leave behind them, whoever's accounts they are.
    private static readonly string[] AccountFiles = ["passwd", "group", "shadow", "gshadow", "subuid", "subgid"];

    private readonly string _cgroup;
    private Process? _boot;
    private int _init;

    // Beside the older hierarchies, or alone.
    public SystemdMachine() =>
        _cgroup = Path.Combine(Directory.Exists("/sys/fs/cgroup/unified") ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup", $"macrunners-{Path.GetFileName(Folder)}");

    public override string System => "linux";

    /// <summary>The control groups of jobs, as the machine names them.</summary>
    public IReadOnlyList<string> JobGroups() =>
        [.. Directory.EnumerateDirectories(_cgroup, "macrunners-uid-*", SearchOption.AllDirectories).Select(folder => folder[_cgroup.Length..])];

    public override string Files => $"/proc/{_init}/root";

    public override IReadOnlyList<string> Snapshot()
    {
        var lines = new List<string>();
        foreach (var folder in Overlaid)
        {
            // The upper layer is what differs from the host. A folder in it that the host has, too, is no difference.
            var upper = $"{Files}/run/over/{folder}/upper";
            lines.AddRange(Describe(upper)
                .Where(line => line.Split(' ') is [var path, var kind, ..]
                    && !(kind == "d" && Directory.Exists($"/{folder}/{path}"))
                    && !(folder == "etc" && (path == ".pwd.lock" || AccountFiles.Any(name => path == name || path == name + "-"))))
                .Select(line => $"{folder}/{line}"));
        }

        // Run-time files of others than systemd and this test.
        lines.AddRange(Directory.EnumerateFileSystemEntries($"{Files}/run").Select(path => $"run/{Path.GetFileName(path)}").Order(StringComparer.Ordinal));
        lines.AddRange(Directory.EnumerateFileSystemEntries($"{Files}/tmp").Select(path => $"tmp/{Path.GetFileName(path)}").Order(StringComparer.Ordinal));

        // Accounts of its own. Others come and go on the host, and are copied with the files.
        lines.AddRange(((string[])["passwd", "group"]).SelectMany(name => File.ReadLines($"{Files}/etc/{name}")
            .Where(line => int.TryParse(line.Split(':')[2], CultureInfo.InvariantCulture, out var number) && number >= Uids.First && number < Uids.First + 10000)
            .Select(line => $"etc/{name} {line}")));
        return lines;
    }

    public override async Task<bool> IsFencedAsync() => await HostFence.ListAsync(FenceTable, TestContext.Current.CancellationToken) is not null;

    protected override async Task BootAsync()
    {
        _ = Directory.CreateDirectory(_cgroup);
        var script = Path.Combine(AppContext.BaseDirectory, "Packaging", "boot-systemd.sh");

        // Whoever kills the test closes its end of the pipe, and that ends the machine.
        const string boot = """
            echo $$ >"$1/cgroup.procs"
            unshare --pid --fork --mount --uts --ipc --cgroup --kill-child=KILL "$2" </dev/null >"$3" 2>&1 &
            read -r
            exec 2>/dev/null
            kill -KILL $!
            wait
            """;
        _boot = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", boot, "boot", _cgroup, script, Path.Combine(Folder, "systemd.log")])
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        })!;
        await UntilAsync(
            async () =>
            {
                _init = Init();
                return _init != 0 && (await RunAsync("/bin/systemctl", "is-system-running")).Text.Trim() is "running" or "degraded";
            },
            "systemd runs");
        InstallProgram(Path.Combine(Published.Programs, "macrunners-sim"), "/usr/local/bin/buildkite-agent");
        File.WriteAllText(PathOf("/run/daemon.out"), "");
    }

    protected override async Task HaltAsync()
    {
        if (_boot is not null)
        {
            // The first process of a pid namespace takes all others with it.
            _boot.StandardInput.Close();
            await _boot.WaitForExitAsync(CancellationToken.None);
            _boot.Dispose();
        }

        // The last of them may take a moment.
        for (var attempt = 0; attempt < 100 && Directory.Exists(_cgroup); attempt++)
        {
            using var remove = Process.Start(new ProcessStartInfo("/usr/bin/find", [_cgroup, "-depth", "-type", "d", "-delete"]) { RedirectStandardError = true })!;
            await remove.WaitForExitAsync(CancellationToken.None);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    protected override ProcessStartInfo Command(string program, string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/nsenter", ["--target", $"{_init}", "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        return start;
    }

    // As an operator does it who wants another port. And what the daemon prints is kept, there being no journal.
    protected override void AddTo(JsonObject settings)
    {
        Write("/etc/systemd/system/macrunners.socket.d/port.conf", $"[Socket]\nListenStream=\nListenStream=0.0.0.0:{Port}\nListenStream=[::]:{Port}\n");
        Write("/etc/systemd/system/macrunners.service.d/output.conf", "[Service]\nStandardOutput=append:/run/daemon.out\nStandardError=append:/run/daemon.out\n");
    }

    public override async Task<string> DiagnoseAsync() => _init == 0
        ? File.ReadAllText(Path.Combine(Folder, "systemd.log"))
        : (await RunAsync("/bin/systemctl", "--no-pager", "status", "macrunners.service", "macrunners.socket")).Text
            + string.Join('\n', File.ReadLines(PathOf("/run/daemon.out")).TakeLast(100))
            + File.ReadAllText(Path.Combine(Folder, "systemd.log"));

    private void Write(string path, string text)
    {
        _ = Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.WriteAllText(PathOf(path), text);
    }

    private int Init()
    {
        var unshare = ChildOf(_boot!.Id);
        return unshare == 0 ? 0 : ChildOf(unshare);
    }

    private static int ChildOf(int pid)
    {
        var children = File.ReadAllText($"/proc/{pid}/task/{pid}/children").Trim();
        return children.Length == 0 ? 0 : int.Parse(children.Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
