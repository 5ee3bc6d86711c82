using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MacRunners.Platform;

namespace MacRunners.Isolation;

/// <summary>
/// Is anything left of an account? A second opinion beside teardown's own proof, by other means: the system's programs <c>ps</c>,
/// <c>find</c>, <c>grep</c>, <c>id</c>, <c>ipcs</c> and <c>mount</c>, and places that teardown need not know.
/// </summary>
internal sealed class IsolationOracle(ITool tool, TimeProvider time)
{
    private const int MostNamed = 20;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // What is in the trash is removed behind the job's back; so long it may take.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string[] ProgramFolders = ["/bin", "/sbin", "/usr/bin", "/usr/sbin"];

    private static readonly string[] Places =
    [
        "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/var/lock", "/var/crash", "/var/spool", "/var/mail", "/var/lib/systemd/coredump",
        "/private/tmp", "/private/var/tmp", "/private/var/folders", "/private/var/at", "/private/var/mail", "/private/var/spool", "/private/var/db/com.apple.xpc.launchd",
        "/Users/Shared", "/Library/Caches", "/Library/Logs/DiagnosticReports", "/cores", "/Volumes",
    ];

    // The second one holds everything that can be changed on a Mac.
    private static readonly string[] Machine = ["/", "/System/Volumes/Data"];

    /// <summary>Where the file systems of a machine begin.</summary>
    public static IReadOnlyList<string> WholeMachine { get; } = [.. Machine.Where(Directory.Exists)];

    /// <summary>Everything that is left; empty when nothing is.</summary>
    /// <param name="suspect">Of whom.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ToolException">A program of the system cannot be run.</exception>
    public async Task<IReadOnlyList<string>> LookAsync(Suspect suspect, CancellationToken cancellationToken) =>
    [
        .. await ProcessesAsync(suspect, cancellationToken),
        .. await AccountsAsync(suspect, cancellationToken),
        .. await FilesAsync(suspect, cancellationToken),
        .. await MountsAsync(suspect, cancellationToken),
        .. await IpcAsync(suspect, cancellationToken),
        .. Ports(suspect),
    ];

    /// <summary>Files that hold a secret, among those that changed since it was made.</summary>
    /// <param name="secretFile">Holds the secret, is itself not looked at, and is as old as it.</param>
    /// <param name="roots">Where, besides the usual places.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ToolException">A program of the system cannot be run.</exception>
    public async Task<IReadOnlyList<string>> SecretsAsync(string secretFile, IEnumerable<string> roots, CancellationToken cancellationToken)
    {
        var found = await tool.RunAsync(
            Program("find"),
            [
                .. Existing([.. Places, .. roots]), "-xdev", "-path", Path.GetDirectoryName(secretFile)!, "-prune",
                "-o", "-type", "f", "-newer", secretFile, "-exec", Program("grep"), "-laF", "-f", secretFile, "{}", "+",
            ],
            Limit,
            cancellationToken);
        return [.. Lines(found.Output).Distinct().Select(path => $"the job's secret is in {path}")];
    }

    /// <summary>Files of any of these numbers, wherever on the machine.</summary>
    /// <param name="uids">The numbers.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ToolException">A program of the system cannot be run.</exception>
    public async Task<IReadOnlyList<string>> FilesOnMachineAsync(IReadOnlyCollection<uint> uids, CancellationToken cancellationToken)
    {
        string[] owners = [.. uids.SelectMany(uid => new[] { "-o", "-uid", Number(uid) }).Skip(1)];
        var found = owners.Length == 0 ? "" : (await tool.RunAsync(Program("find"), [.. WholeMachine, "-xdev", "(", .. owners, ")", "-prune", "-print"], Limit, cancellationToken)).Output;
        return [.. Lines(found).Distinct().Take(MostNamed).Select(path => $"file {path}")];
    }

    private async Task<IReadOnlyList<string>> ProcessesAsync(Suspect suspect, CancellationToken cancellationToken)
    {
        var listed = await tool.RunAsync(Program("ps"), ["-A", "-o", "pid=", "-o", "ruid=", "-o", "uid=", "-o", "svuid=", "-o", "stat=", "-o", "comm="], Limit, cancellationToken);
        if (listed.ExitCode != 0 || listed.Output.Length == 0)
        {
            return [$"the processes cannot be listed: ps ended with {listed.Summary}"];
        }

        var uid = Number(suspect.Uid);
        return
        [
            .. Lines(listed.Output)
                .Select(line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields.Length >= 5 && !fields[4].StartsWith('Z') && fields.Skip(1).Take(3).Contains(uid))
                .Take(MostNamed)
                .Select(fields => $"process {fields[0]} ({(fields.Length > 5 ? fields[5] : "?")})"),
        ];
    }

    private async Task<IReadOnlyList<string>> AccountsAsync(Suspect suspect, CancellationToken cancellationToken)
    {
        var left = new List<string>();
        foreach (var who in (string[])[suspect.Name, Number(suspect.Uid)])
        {
            // Fails for whom nobody knows.
            if ((await tool.RunAsync(Program("id"), [who], Limit, cancellationToken)).ExitCode == 0)
            {
                left.Add($"account {who}");
            }
        }

        return left;
    }

    private async Task<IReadOnlyList<string>> FilesAsync(Suspect suspect, CancellationToken cancellationToken)
    {
        var roots = Existing([.. Places, .. suspect.Roots]);
        for (var began = time.GetTimestamp(); ; await Task.Delay(Pause, time, cancellationToken))
        {
            var found = await tool.RunAsync(
                Program("find"), [.. roots, "-xdev", "(", "-uid", Number(suspect.Uid), "-o", "-name", suspect.Name, "-o", "-name", $"{suspect.Mark}*", ")", "-prune", "-print"], Limit, cancellationToken);
            var left = Lines(found.Output).Distinct().Take(MostNamed).Select(path => $"file {path}").ToList();
            if (left.Count == 0 || !left.TrueForAll(line => line.Contains("trash", StringComparison.Ordinal)) || time.GetElapsedTime(began) > Patience)
            {
                return left;
            }
        }
    }

    private async Task<IReadOnlyList<string>> MountsAsync(Suspect suspect, CancellationToken cancellationToken)
    {
        var listed = await tool.RunAsync(Program("mount"), [], Limit, cancellationToken);
        return
        [
            .. Lines(listed.Output)
                .Where(line => line.Contains(suspect.Name, StringComparison.Ordinal) || line.Contains(suspect.Mark, StringComparison.Ordinal)
                    || line.Split([' ', ',', '(', ')', '=']).Contains(Number(suspect.Uid)))
                .Select(line => $"mount {line}"),
        ];
    }

    // Who made an object stays written down even when it was given to somebody else. Numbers stand there once the account has no name.
    private async Task<IReadOnlyList<string>> IpcAsync(Suspect suspect, CancellationToken cancellationToken)
    {
        if (!ProgramFolders.Any(folder => File.Exists(Path.Combine(folder, "ipcs"))))
        {
            return [];
        }

        var left = new List<string>();
        foreach (var kind in (string[])["-m", "-s", "-q"])
        {
            var listed = await tool.RunAsync(Program("ipcs"), [kind, "-c"], Limit, cancellationToken);
            left.AddRange(Lines(listed.Output)
                .Where(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Any(field => field == Number(suspect.Uid) || (field.Length >= 8 && suspect.Name.StartsWith(field, StringComparison.Ordinal))))
                .Select(line => $"System V object (ipcs {kind} -c): {line.Trim()}"));
        }

        return left;
    }

    private static IReadOnlyList<string> Ports(Suspect suspect)
    {
        if (suspect.Port is not { } port)
        {
            return [];
        }

        try
        {
            using var tcp = new TcpListener(IPAddress.Loopback, port);
            tcp.Start();
            using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
            return [];
        }
        catch (SocketException e)
        {
            return [$"port {port} is not free: {e.Message}"];
        }
    }

    private static string Program(string name) =>
        ProgramFolders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) ?? throw new ToolException($"{name} is neither in {string.Join(" nor in ", ProgramFolders)}");

    // A link among them (/tmp on a Mac) is not followed; where it leads to is among them, too.
    private static IEnumerable<string> Existing(IEnumerable<string> folders) => folders.Where(Directory.Exists).Distinct();

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Number(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Whose traces are looked for.</summary>
/// <param name="Name">Name of the account.</param>
/// <param name="Uid">Its number.</param>
/// <param name="Mark">With which the names of its files outside the home begin.</param>
/// <param name="Port">A port that must be free; null for none.</param>
/// <param name="Roots">Folders that are looked through besides the usual ones.</param>
internal sealed record Suspect(string Name, uint Uid, string Mark, int? Port, IReadOnlyList<string> Roots);
