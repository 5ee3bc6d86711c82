using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Messages;
using MacRunners.Simulator.Trial;

namespace MacRunners.EndToEnd.Packaging;

/// <summary>A machine with a service manager, on which packages are installed as an operator does it, and a local Buildkite for it.</summary>
internal abstract class ServicedMachine : IAsyncDisposable
{
    private const UnixFileMode Public = (UnixFileMode)0b111_101_101;
    private const UnixFileMode RootOnly = (UnixFileMode)0b110_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    protected ServicedMachine()
    {
        Folder = Path.Combine(TrialMachine.Parent, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)));
        _ = Directory.CreateDirectory(Path.Combine(Folder, "repositories"), Public);
        Uids = UidBlock.Take();
        Port = FreePort.Take();
    }

    /// <summary>The host's folder for this machine.</summary>
    public string Folder { get; }

    /// <summary>Where the machine's <c>/</c> is, as tests see it.</summary>
    public abstract string Files { get; }

    /// <summary><c>linux</c> or <c>macos</c>: which packages are for it.</summary>
    public abstract string System { get; }

    /// <summary>The port of <c>/health</c>.</summary>
    public int Port { get; }

    /// <summary>Numbers of its accounts.</summary>
    public UidBlock Uids { get; }

    /// <summary>Name of the daemon's rules in the packet filter.</summary>
    public string FenceTable => $"macrunners_{Uids.First}";

    /// <summary>Why this machine has no network fence; null when it has one.</summary>
    public string? NoFenceBecause { get; private set; }

    /// <summary>The local Buildkite.</summary>
    public SharedBuildkite Buildkite { get; private set; } = null!;

    /// <summary>Starts machine and Buildkite.</summary>
    public async Task StartAsync()
    {
        NoFenceBecause = System == "linux" ? await HostFence.WhyNotAsync(Cancel) : null;
        Buildkite = await SharedBuildkite.StartAsync(Path.Combine(Folder, "repositories"), null, Cancel);
        await BootAsync();
    }

    /// <summary>A path of the machine as tests see it.</summary>
    public string PathOf(string path) => Files + path;

    /// <summary>Runs a program of the machine as its root.</summary>
    public async Task<(int Code, string Text)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(Command(program, arguments))!;
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, output + await error);
    }

    /// <summary>Runs a program that must succeed; returns what it printed.</summary>
    public async Task<string> DoAsync(string program, params string[] arguments)
    {
        var (code, text) = await RunAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} ended with {code}: {text}");
        return text;
    }

    /// <summary>Writes configuration and token.</summary>
    public void Configure()
    {
        _ = Directory.CreateDirectory(PathOf("/opt/macrunners/etc"), Public);
        Write("/opt/macrunners/etc/agent-token", Buildkite.ClusterToken);
        var settings = JsonNode.Parse(
            $$"""
            {
              "Buildkite": {
                "Endpoint": "{{Buildkite.Server.Endpoint.AbsoluteUri}}",
                "TokenFile": "{{Own("/opt/macrunners/etc/agent-token")}}",
                "StackKey": "trial-{{Path.GetFileName(Folder)}}",
                "PollInterval": "00:00:00.3",
                "BusyPollInterval": "00:00:02"
              },
              "Agent": { "Path": "{{Own("/usr/local/bin/buildkite-agent")}}" },
              "Accounts": { "UidMin": {{Uids.First}}, "UidMax": {{Uids.First + 9999}} },
              "Network": { "Fence": {{(NoFenceBecause is null ? "true" : "false")}}, "Table": "{{FenceTable}}" },
              "Health": { "MinFreeBytes": 104857600 },
              "Http": { "Port": {{Port}} }
            }
            """)!.AsObject();
        AddTo(settings);
        Write("/opt/macrunners/etc/macrunners.json", settings.ToJsonString());
    }

    /// <summary>What the daemon says of itself; null when none answers.</summary>
    public async Task<JsonNode?> StatusAsync()
    {
        var (code, text) = await RunAsync(Own("/opt/macrunners/bin/macrunners"), "status", "--json", "--config", Own("/opt/macrunners/etc/macrunners.json"));
        return code == 0 ? JsonNode.Parse(text) : null;
    }

    /// <summary>Waits for something.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(Patience);
        while (!await holds())
        {
            if (patience.IsCancellationRequested)
            {
                Assert.Fail($"After {Patience.TotalSeconds} s it is still not so that {what}. The machine:\n{await DiagnoseAsync()}");
            }

            await Task.Delay(Look, TimeProvider.System, Cancel);
        }
    }

    /// <summary>Queues a job that prints numbers until it is released.</summary>
    public CountingJob Queue() => new(this);

    /// <summary>The job as Buildkite sees it.</summary>
    public JobView View(string job) => Buildkite.Server.Cluster.ViewJob(job);

    /// <summary>What is at this moment on the machine, so that a later look can be compared with it: path, kind, mode, owner and content of everything that could be MacRunners'.</summary>
    public abstract IReadOnlyList<string> Snapshot();

    /// <summary>Whether rules of the daemon's network fence are in the packet filter.</summary>
    public abstract Task<bool> IsFencedAsync();

    /// <summary>A path as programs of the machine must be told it.</summary>
    public virtual string Own(string path) => path;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await HaltAsync();
            await HostTraces.RemoveAsync((uint)Uids.First, (uint)Uids.First + 9999);
            await HostFence.RemoveAsync(FenceTable);
        }
        finally
        {
            await Buildkite.DisposeAsync();
            using var remove = Process.Start("/bin/rm", ["-rf", "--one-file-system", "--", Folder]);
            await remove.WaitForExitAsync(CancellationToken.None);
            Uids.Dispose();
        }
    }

    /// <summary>Starts the machine.</summary>
    protected abstract Task BootAsync();

    /// <summary>Ends it with everything on it.</summary>
    protected abstract Task HaltAsync();

    /// <summary>How a program is started on the machine.</summary>
    protected abstract ProcessStartInfo Command(string program, string[] arguments);

    /// <summary>Settings that only this machine needs, and whatever else an operator configures on it.</summary>
    protected abstract void AddTo(JsonObject settings);

    /// <summary>For the message of a failed test.</summary>
    public abstract Task<string> DiagnoseAsync();

    /// <summary>Puts a program on the machine.</summary>
    protected void InstallProgram(string from, string to)
    {
        _ = Directory.CreateDirectory(Path.GetDirectoryName(PathOf(to))!, Public);
        File.Copy(from, PathOf(to));
        File.SetUnixFileMode(PathOf(to), Public);
    }

    /// <summary>Lines that describe a tree, but for what is below some of its folders: see <see cref="Snapshot"/>. Not read by .NET, which would take locks.</summary>
    protected static IReadOnlyList<string> Describe(string folder, params string[] except)
    {
        const string script = """
            cd "$1" && shift && left_out=(-false)
            for path; do left_out+=(-o -path "./$path"); done
            find . -xdev \( "${left_out[@]}" \) -prune -o -printf '%P %y %m %U:%G %l\n'
            find . -xdev \( "${left_out[@]}" \) -prune -o -type f -print0 | xargs -0 -r sha256sum | sed -E 's|^([0-9a-f]+)  ./(.*)|\2 is \1|'
            """;
        using var find = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script, "find", folder, .. except]) { RedirectStandardOutput = true })!;
        var lines = find.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        find.WaitForExit();
        return [.. lines.Order(StringComparer.Ordinal)];
    }

    private void Write(string path, string content)
    {
        using var file = new FileStream(PathOf(path), new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = RootOnly });
        file.Write(global::System.Text.Encoding.UTF8.GetBytes(content));
    }
}
