using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MacRunners.Simulator.Trial;

namespace MacRunners.EndToEnd.Tokens;

/// <summary>
/// Invented tokens in every kind of place where a real one could be seen by a job: a search that does not find all of them proves
/// nothing about the real ones. Some are put there by root, here; the others by the searching job itself.
/// </summary>
internal sealed class PlantedTokens : IAsyncDisposable
{
    private const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode SearchableByAll = (UnixFileMode)0b111_001_001;

    // Places where daemons keep files, and one of those that are searched as far as time allows.
    private static readonly string[] Places = ["/etc", "/run", "/tmp", "/var/tmp", "/opt", "/home", "/dev/shm"];

    private readonly Dictionary<string, string> _tokens;
    private readonly string _name = $"macrunners-control-{Guid.NewGuid():N}";
    private readonly CancellationTokenSource _end = new();
    private readonly Socket _unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Socket _tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<string> _files;
    private readonly Process _process;
    private readonly Task _answering;

    public PlantedTokens(TrialMachine machine)
    {
        string[] kinds = ["argument", "environment", "descriptor", "pipe", "memory", "file", "named", "unix", "tcp", "core"];
        _tokens = kinds.ToDictionary(kind => kind, _ => $"bkct_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20))}");
        _files = [.. Places.Where(Directory.Exists).Append(machine.Folder).Select(place => Path.Combine(place, _name))];
        _files.ForEach(file => Plant(file, _tokens["file"]));

        var closed = Path.Combine(machine.Folder, $"{_name}-closed");
        _ = Directory.CreateDirectory(closed);
        Plant(Path.Combine(closed, "named"), _tokens["named"]);
        File.SetUnixFileMode(closed, SearchableByAll);
        _process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "read line", "sh", _tokens["argument"], Path.Combine(closed, "named")]) { RedirectStandardInput = true })!;

        var path = Path.Combine(machine.Folder, "control.sock");
        _unix.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, ReadableByAll | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
        _unix.Listen();
        _tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _tcp.Listen();
        _answering = Task.WhenAll(AnswerAsync(_unix, "GET / ", _tokens["unix"]), AnswerAsync(_tcp, "GET /metrics ", _tokens["tcp"]));

        if (WhyNoCore(Path.Combine(machine.Folder, $"{_name}-crash"), _tokens["core"]) is { } why)
        {
            _ = _tokens.Remove("core");
            TestContext.Current.AddWarning($"The search is not tried on a core file: {why}");
        }

        ControlFile = Path.Combine(machine.Folder, "control.json");
        Plant(ControlFile, JsonSerializer.Serialize(_tokens));
    }

    /// <summary>What the searching job needs to know.</summary>
    public string ControlFile { get; }

    /// <summary>Every invented token was found, in its kind of place, and in every folder that had one.</summary>
    public void AssertFound(IReadOnlyList<Finding> findings)
    {
        Assert.All(_tokens, token => Assert.Contains(findings, found => found.Kind == token.Key && found.IsOf(token.Value)));
        Assert.All(_files, file => Assert.Contains(findings, found => found.Kind == "file" && found.Place == file && found.IsOf(_tokens["file"])));
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _unix.Dispose();
        _tcp.Dispose();
        await _answering;
        _end.Dispose();
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _files.ForEach(File.Delete);
    }

    /// <summary>Lets a process that does not run under the daemon's limits crash with a token in its memory.</summary>
    /// <returns>Why that left no core file in the folder; null when it did.</returns>
    internal static string? WhyNoCore(string folder, string token)
    {
        _ = Directory.CreateDirectory(folder);
        using var crash = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", "ulimit -c unlimited && kill -SEGV $$"]) { WorkingDirectory = folder, Environment = { ["CONTROL"] = token } })!;
        crash.WaitForExit();
        var cores = Directory.GetFiles(folder);
        Array.ForEach(cores, core => File.SetUnixFileMode(core, ReadableByAll));
        return cores.Length > 0 ? null : $"a program that crashes leaves none here (/proc/sys/kernel/core_pattern is '{File.ReadAllText("/proc/sys/kernel/core_pattern").Trim()}'; or a limit forbids it)";
    }

    private static void Plant(string path, string content)
    {
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, ReadableByAll);
    }

    private async Task AnswerAsync(Socket listener, string question, string answer)
    {
        var buffer = new byte[1024];
        while (true)
        {
            try
            {
                using var client = await listener.AcceptAsync(_end.Token);
                var length = await client.ReceiveAsync(buffer, _end.Token);
                var isAsked = Encoding.ASCII.GetString(buffer, 0, length).StartsWith(question, StringComparison.Ordinal);
                _ = await client.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.0 200 OK\r\n\r\n{(isAsked ? answer : "nothing")}"), _end.Token);
            }
            catch (SocketException)
            {
                // Somebody else on this machine who looked and left.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
