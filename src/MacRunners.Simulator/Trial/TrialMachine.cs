using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Serve;

namespace MacRunners.Simulator.Trial;

/// <summary>
/// A complete installation in a folder of its own: local Buildkite, daemon as root, agent, and for the macOS code the
/// emulator. Everything it makes on the machine is inside the folder, or belongs to accounts of its own range of numbers.
/// </summary>
internal sealed class TrialMachine : IAsyncDisposable
{
    /// <summary>Where trial machines live: root's, and open to be passed through by the jobs' accounts.</summary>
    public const string Parent = "/var/lib/macrunners-dev";

    private const UnixFileMode RootOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Program = RootOnly | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;


    private readonly TrialOptions _options;
    private readonly bool _ownsBuildkite;
    private Process? _daemon;
    private long _consoleStart;

    private TrialMachine(TrialOptions options, string folder, SharedBuildkite buildkite, bool ownsBuildkite, int port)
    {
        _options = options;
        _ownsBuildkite = ownsBuildkite;
        Folder = folder;
        Buildkite = buildkite.Server;
        ClusterToken = buildkite.ClusterToken;
        Http = new Uri($"http://127.0.0.1:{port}/");
    }

    /// <summary>The folder of this machine.</summary>
    public string Folder { get; }

    /// <summary>The local Buildkite.</summary>
    public SimulatorServer Buildkite { get; }

    /// <summary>The same, for further machines.</summary>
    public SharedBuildkite Shared => new(Buildkite, ClusterToken);

    /// <summary>The cluster token, which no job may ever see.</summary>
    public string ClusterToken { get; }

    /// <summary>Address of the daemon's <c>/health</c> and <c>/metrics</c>.</summary>
    public Uri Http { get; }

    /// <summary>The daemon's log folder.</summary>
    public string Logs => Path.Combine(Folder, "logs");

    /// <summary>Parent of the jobs' homes. The name is short, because sockets below have at most 104 bytes of path.</summary>
    public string Homes => Path.Combine(Folder, "u");

    /// <summary>Journal and trash.</summary>
    public string State => Path.Combine(Folder, "state");

    /// <summary>What all daemons of this machine printed.</summary>
    public string ConsoleLog => Path.Combine(Folder, "daemon.out");

    /// <summary>What the daemon that was started last printed.</summary>
    public string Console
    {
        get
        {
            using var file = new FileStream(ConsoleLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            _ = file.Seek(_consoleStart, SeekOrigin.Begin);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd();
        }
    }

    /// <summary>First and last number of the accounts.</summary>
    public (uint First, uint Last) Uids => ((uint)_options.UidMin, (uint)_options.UidMin + 9999);

    /// <summary>The published daemon, as installed here.</summary>
    public string DaemonProgram => Path.Combine(Folder, "bin", "macrunners");

    /// <summary>The daemon's configuration file.</summary>
    public string ConfigFile => Path.Combine(Folder, "etc", "macrunners.json");

    /// <summary>Process number of the running daemon, or of its service manager.</summary>
    public int DaemonPid => _daemon?.Id ?? throw new InvalidOperationException("The daemon is not running");

    /// <summary>Whether the daemon was started and has not ended.</summary>
    public bool IsDaemonRunning => _daemon is { HasExited: false };

    /// <summary>Name of the daemon's rules in the packet filter. One for each range of numbers: what a killed trial left is replaced by the next one.</summary>
    public string FenceTable => $"macrunners_{Uids.First}";

    /// <summary>Why this machine has no network fence; null when it has one.</summary>
    public string? NoFenceBecause { get; private set; }

    /// <summary>What keeps its jobs from the network, for people.</summary>
    public string Fence => NoFenceBecause is { } why ? $"none, because this host cannot make one: {why}"
        : _options.Emulator is null ? $"nftables, table inet {FenceTable}"
        : "emulated pf: its rules are kept, but filter nothing";

    /// <summary>Where the emulator stands, if there is one.</summary>
    public string EmulatorRoot => Path.Combine(Folder, "mac");

    private string OtherDaemonFolder => Path.Combine(Folder, "other");

    /// <summary>Makes the folder, starts the local Buildkite, and writes the daemon's configuration. The daemon is not started.</summary>
    /// <param name="options">What the machine is made of.</param>
    /// <param name="cancellationToken">Stops the installation.</param>
    /// <param name="buildkite">How the local Buildkite behaves, where that matters.</param>
    /// <param name="shared">Use this one instead; it stays the caller's.</param>
    public static async Task<TrialMachine> CreateAsync(
        TrialOptions options, CancellationToken cancellationToken, SimulatorOptions? buildkite = null, SharedBuildkite? shared = null)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("Real accounts are made, so this needs root: run it with sudo");
        }

        var folder = Path.Combine(Parent, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)));
        _ = Directory.CreateDirectory(folder, Program);
        if (options.Volume is { } volume)
        {
            await RunAsync("/bin/mount", ["-t", "tmpfs", "-o", $"mode=755,{volume}", "macrunners-trial", folder], cancellationToken);
        }

        foreach (var sub in (string[])["bin", "etc", "repositories"])
        {
            _ = Directory.CreateDirectory(Path.Combine(folder, sub), Program);
        }

        var server = shared ?? await SharedBuildkite.StartAsync(Path.Combine(folder, "repositories"), buildkite, cancellationToken);
        var machine = new TrialMachine(options, folder, server, shared is null, FreePort.Take());
        try
        {
            await machine.InstallAsync(cancellationToken);
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the daemon; returns when it answers.</summary>
    /// <exception cref="InvalidOperationException">It ended instead; the message has what it said.</exception>
    public async Task StartDaemonAsync(CancellationToken cancellationToken)
    {
        if (!await TryStartDaemonAsync(cancellationToken))
        {
            throw new InvalidOperationException($"The daemon ended with {await WaitForDaemonAsync(cancellationToken)} instead of answering:\n{File.ReadAllText(ConsoleLog)}");
        }
    }

    /// <summary>Starts the daemon.</summary>
    /// <returns>True when it answers, false when it has ended.</returns>
    public Task<bool> TryStartDaemonAsync(CancellationToken cancellationToken) =>
        TryStartAsync(DaemonProgram, ReadOnlyDictionary<string, string>.Empty, cancellationToken);

    /// <summary>Starts <see cref="TrialOptions.OtherDaemon"/>.</summary>
    /// <param name="variables">What its environment has on top of this process's own.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <returns>True when it answers, false when it has ended.</returns>
    public Task<bool> TryStartOtherDaemonAsync(IReadOnlyDictionary<string, string> variables, CancellationToken cancellationToken) =>
        TryStartAsync(
            Path.Combine(OtherDaemonFolder, Path.GetFileName(_options.OtherDaemon ?? throw new InvalidOperationException("This machine has no other daemon"))),
            variables,
            cancellationToken);

    /// <summary>Sends SIGTERM and waits.</summary>
    /// <returns>The daemon's exit code.</returns>
    public Task<int> StopDaemonAsync(CancellationToken cancellationToken)
    {
        SignalDaemon("TERM");
        return WaitForDaemonAsync(cancellationToken);
    }

    /// <summary>Waits for the daemon's end.</summary>
    public async Task<int> WaitForDaemonAsync(CancellationToken cancellationToken)
    {
        var daemon = _daemon ?? throw new InvalidOperationException("The daemon is not running");
        await daemon.WaitForExitAsync(cancellationToken);
        _daemon = null;
        using (daemon)
        {
            return daemon.ExitCode;
        }
    }

    /// <summary>Sends a signal, by name without SIG.</summary>
    public void SignalDaemon(string name)
    {
        using var kill = Process.Start("/bin/kill", ["-s", name, DaemonPid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>The daemon's report of a job that has ended; null while there is none.</summary>
    public JsonNode? Report(string job)
    {
        var path = Path.Combine(Logs, "jobs", $"{job}.json");
        try
        {
            return File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path)) : null;
        }
        catch (System.Text.Json.JsonException)
        {
            // It is being written.
            return null;
        }
    }

    /// <summary>Everything of the machine's accounts that is on the host now, by an own look at it.</summary>
    public IReadOnlyList<string> Leftovers() => HostTraces.Find(Uids.First, Uids.Last, Homes, Accounts());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_daemon is { } daemon)
        {
            if (!daemon.HasExited)
            {
                SignalDaemon("KILL");
            }

            await daemon.WaitForExitAsync();
            daemon.Dispose();
        }

        if (_ownsBuildkite)
        {
            await Buildkite.DisposeAsync();
        }

        await HostTraces.RemoveAsync(Uids.First, Uids.Last);
        await HostFence.RemoveAsync(FenceTable);
        if (_options.Emulator is { } emulator)
        {
            await RunAsync(Path.Combine(emulator, "mac-emulator"), ["uninstall", EmulatorRoot], CancellationToken.None);
        }

        if (_options.Volume is not null)
        {
            await RunAsync("/bin/umount", [Folder], CancellationToken.None);
        }

        if (!_options.Keep)
        {
            // Root's own folder: no job could write anywhere in it but in its home, and those are gone.
            await RunAsync("/bin/rm", ["-rf", "--one-file-system", "--", Folder], CancellationToken.None);
        }
    }

    private async Task<bool> TryStartAsync(string program, IReadOnlyDictionary<string, string> variables, CancellationToken cancellationToken)
    {
        string[] manager = _options.ServiceManager.Count > 0 ? [.. _options.ServiceManager, $"{Http.Port}"] : [];

        // The shell only points the output at the file; all values are positional parameters.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", ConsoleLog, .. manager, program, "run", "--config", ConfigFile])
        {
            WorkingDirectory = "/",
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        // Made by this process, so that it is there to be read as soon as the daemon runs.
        using (var console = new FileStream(ConsoleLog, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        {
            _consoleStart = console.Length;
        }

        _daemon = Process.Start(start)!;
        using var client = new HttpClient { BaseAddress = Http };
        while (!_daemon.HasExited)
        {
            try
            {
                using var answer = await client.GetAsync("health/live", cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return true;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        return false;
    }

    private HashSet<string> Accounts()
    {
        var reports = Path.Combine(Logs, "jobs");
        return !Directory.Exists(reports)
            ? []
            : [.. Directory.EnumerateFiles(reports, "*.json")
                .Select(file => Report(Path.GetFileNameWithoutExtension(file))?["account"]?.GetValue<string>())
                .OfType<string>()];
    }

    private async Task InstallAsync(CancellationToken cancellationToken)
    {
        var bin = Path.Combine(Folder, "bin");
        Install(Path.Combine(_options.Programs, "macrunners"), DaemonProgram);
        var agent = Path.Combine(bin, "buildkite-agent");
        Install(_options.Agent ?? Path.Combine(_options.Programs, "macrunners-sim"), agent);
        if (_options.Emulator is { } emulator)
        {
            Install(Path.Combine(emulator, "libSystem.dylib"), Path.Combine(bin, "libSystem.dylib"));
            await RunAsync(Path.Combine(emulator, "mac-emulator"), ["install", EmulatorRoot], cancellationToken);
        }

        if (_options.OtherDaemon is { } other)
        {
            InstallFolder(Path.GetDirectoryName(other)!, OtherDaemonFolder);
            if (_options.Emulator is not null)
            {
                // Libraries are looked for beside the program.
                File.Copy(Path.Combine(bin, "libSystem.dylib"), Path.Combine(OtherDaemonFolder, "libSystem.dylib"));
            }
        }

        NoFenceBecause = _options.Emulator is null ? await HostFence.WhyNotAsync(cancellationToken) : null;
        var tokenFile = Path.Combine(Folder, "etc", "token");
        WriteForRoot(tokenFile, ClusterToken);
        var settings = new Dictionary<string, string>
        {
            ["Buildkite:Endpoint"] = Buildkite.Endpoint.AbsoluteUri,
            ["Buildkite:TokenFile"] = tokenFile,
            ["Buildkite:StackKey"] = $"trial-{Path.GetFileName(Folder)}",
            ["Buildkite:PollInterval"] = "00:00:00.5",
            ["Buildkite:BusyPollInterval"] = "00:00:02",
            ["Jobs:StateCheckInterval"] = "00:00:01",
            ["Agent:Path"] = agent,
            ["Accounts:UidMin"] = $"{Uids.First}",
            ["Accounts:UidMax"] = $"{Uids.Last}",
            ["Network:Fence"] = NoFenceBecause is null ? "true" : "false",
            ["Network:Table"] = FenceTable,
            ["Health:MinFreeBytes"] = "104857600",
            ["Http:Port"] = $"{Http.Port}",
            ["Paths:State"] = State,
            ["Paths:Logs"] = Logs,
            ["Paths:Homes"] = Homes,
            ["Paths:Run"] = Path.Combine(Folder, "run"),
        };
        if (_options.Emulator is not null)
        {
            settings["Platform:Kind"] = "macos";
            settings["Platform:Root"] = EmulatorRoot;

            // macOS has no such folder, but the host's processes can write to it.
            settings["Teardown:SharedPlaces:0"] = "/dev/shm";
        }

        foreach (var (key, value) in _options.Settings)
        {
            settings[key] = value;
        }

        WriteForRoot(ConfigFile, Nest(settings).ToJsonString());
    }

    private static JsonObject Nest(IReadOnlyDictionary<string, string> settings)
    {
        var root = new JsonObject();
        foreach (var (key, value) in settings)
        {
            var parts = key.Split(':');
            var node = root;
            foreach (var part in parts[..^1])
            {
                if (node[part] is not JsonObject inner)
                {
                    node[part] = inner = [];
                }

                node = inner;
            }

            node[parts[^1]] = value;
        }

        return root;
    }

    private static void Install(string from, string to)
    {
        if (!File.Exists(from))
        {
            throw new FileNotFoundException($"{from} is missing: run make publish", from);
        }

        File.Copy(from, to);
        File.SetUnixFileMode(to, Program);
    }

    // Without its subfolders: they hold only translations.
    private static void InstallFolder(string from, string to)
    {
        _ = Directory.CreateDirectory(to, Program);
        foreach (var entry in new DirectoryInfo(from).EnumerateFileSystemInfos())
        {
            var copy = Path.Combine(to, entry.Name);
            if (entry.LinkTarget is { } target)
            {
                _ = File.CreateSymbolicLink(copy, target);
            }
            else if (entry is FileInfo)
            {
                Install(entry.FullName, copy);
            }
        }
    }

    private static void WriteForRoot(string path, string content)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = RootOnly });
        file.Write(System.Text.Encoding.UTF8.GetBytes(content));
    }

    private static async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, WorkingDirectory = "/" };
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {error.Trim()}");
        }
    }
}
