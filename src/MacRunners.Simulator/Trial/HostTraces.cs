using System.Diagnostics;
using System.Globalization;

namespace MacRunners.Simulator.Trial;

/// <summary>
/// What a range of user numbers has on this host: an oracle that shares no code with the daemon it judges. It reads
/// <c>/proc</c>, the account files and, through <c>find</c>, the file systems.
/// </summary>
internal static class HostTraces
{
    private static readonly string[] Places = ["/tmp", "/var/tmp", "/dev/shm", "/var/spool", "/run"];

    /// <summary>All traces, for people; empty when there are none.</summary>
    /// <param name="first">First number of the range.</param>
    /// <param name="last">Last number of the range.</param>
    /// <param name="homes">Parent of the homes.</param>
    /// <param name="names">Names of accounts that have been made: where files know no numbers.</param>
    public static IReadOnlyList<string> Find(uint first, uint last, string homes, IReadOnlySet<string> names)
    {
        var traces = new List<string>();
        traces.AddRange(Processes(first, last).Select(process => $"process {process.Pid} of uid {process.Uid}"));
        traces.AddRange(Entries("/etc/passwd", first, last).Select(name => $"account {name}"));
        traces.AddRange(Entries("/etc/group", first, last).Select(name => $"group {name}"));
        foreach (var file in (string[])["/etc/shadow", "/etc/gshadow", "/etc/subuid", "/etc/subgid"])
        {
            traces.AddRange(File.ReadLines(file).Select(line => line.Split(':')[0]).Where(names.Contains).Select(name => $"{name} in {file}"));
        }

        traces.AddRange(Objects(first, last).Select(found => $"ipc object {found.Option} {found.Id}"));
        traces.AddRange(Files(first, last, [.. Places, homes]).Select(path => $"file {path}"));
        traces.AddRange(Mounts(first, last, homes).Select(point => $"mount {point}"));
        traces.AddRange(ControlGroups(first, last).Select(folder => $"control group {folder}"));
        return traces;
    }

    /// <summary>Number of the range's accounts on the host.</summary>
    public static int CountAccounts(uint first, uint last) => Entries("/etc/passwd", first, last).Count();

    /// <summary>Number of the range's groups on the host.</summary>
    public static int CountGroups(uint first, uint last) => Entries("/etc/group", first, last).Count();

    /// <summary>Number of the range's files in the shared folders of the host, without what lies below them.</summary>
    public static int CountFiles(uint first, uint last) => Files(first, last, Places).Count;

    /// <summary>Number of mounts in the homes, and of those that the range's accounts have made.</summary>
    public static int CountMounts(uint first, uint last, string homes) => Mounts(first, last, homes).Count();

    /// <summary>Number of the range's processes on the host.</summary>
    public static int CountProcesses(uint first, uint last) => Processes(first, last).Count();

    /// <summary>Number of the range's System V objects on the host.</summary>
    public static int CountObjects(uint first, uint last) => Objects(first, last).Count();

    /// <summary>Number of the range's control groups on the host.</summary>
    public static int CountControlGroups(uint first, uint last) => ControlGroups(first, last).Count();

    /// <summary>Removes what a failed trial left, so that it does not disturb the next one.</summary>
    public static async Task RemoveAsync(uint first, uint last)
    {
        foreach (var (pid, _) in Processes(first, last))
        {
            await RunAsync("/bin/kill", "-s", "KILL", pid.ToString(CultureInfo.InvariantCulture));
        }

        foreach (var name in Entries("/etc/passwd", first, last).ToList())
        {
            await RunAsync("/usr/sbin/userdel", "-f", name);
        }

        foreach (var name in Entries("/etc/group", first, last).ToList())
        {
            await RunAsync("/usr/sbin/groupdel", name);
        }

        foreach (var (option, id) in Objects(first, last).ToList())
        {
            await RunAsync("/usr/bin/ipcrm", option, id);
        }

        foreach (var folder in ControlGroups(first, last).ToList())
        {
            await RunAsync("/usr/bin/find", folder, "-depth", "-type", "d", "-delete");
        }

        foreach (var path in Files(first, last, Places))
        {
            await RunAsync("/bin/rm", "-rf", "--one-file-system", "--", path);
        }
    }

    private static IEnumerable<(int Pid, uint Uid)> Processes(uint first, uint last)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid))
            {
                continue;
            }

            string[] status;
            try
            {
                status = File.ReadAllLines(Path.Combine(folder, "status"));
            }
            catch (IOException)
            {
                // Gone meanwhile.
                continue;
            }

            if (status.Any(line => line.StartsWith("State:\tZ", StringComparison.Ordinal)))
            {
                continue;
            }

            var uids = status.First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1..];
            foreach (var uid in uids.Select(text => uint.Parse(text, CultureInfo.InvariantCulture)).Where(uid => uid >= first && uid <= last).Take(1))
            {
                yield return (pid, uid);
            }
        }
    }

    // Owner and maker stand in other columns of each table.
    private static IEnumerable<(string Option, string Id)> Objects(uint first, uint last) =>
        new[] { ("shm", "-m"), ("sem", "-s"), ("msg", "-q") }
            .Where(table => File.Exists($"/proc/sysvipc/{table.Item1}"))
            .SelectMany(table =>
            {
                var rows = File.ReadAllLines($"/proc/sysvipc/{table.Item1}").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
                int[] owners = [Array.IndexOf(rows[0], "uid"), Array.IndexOf(rows[0], "cuid")];
                return rows.Skip(1)
                    .Where(row => owners.Any(column => uint.Parse(row[column], CultureInfo.InvariantCulture) is var uid && uid >= first && uid <= last))
                    .Select(row => (table.Item2, row[1]));
            });

    private static IEnumerable<string> Entries(string file, uint first, uint last) =>
        File.ReadLines(file)
            .Select(line => line.Split(':'))
            .Where(fields => fields.Length > 2 && uint.TryParse(fields[2], CultureInfo.InvariantCulture, out var id) && id >= first && id <= last)
            .Select(fields => fields[0]);

    // Of what others than root can mount, FUSE, the options tell whose it is.
    private static IEnumerable<string> Mounts(uint first, uint last, string homes) =>
        from line in File.ReadLines("/proc/self/mounts")
        let fields = line.Split(' ')
        let owner = fields[3].Split(',').FirstOrDefault(option => option.StartsWith("user_id=", StringComparison.Ordinal))?["user_id=".Length..]
        where fields[1].StartsWith($"{homes}/", StringComparison.Ordinal)
            || (uint.TryParse(owner, CultureInfo.InvariantCulture, out var uid) && uid >= first && uid <= last)
        select fields[1];

    // In which place, the daemon chooses.
    private static IEnumerable<string> ControlGroups(uint first, uint last) =>
        from line in File.ReadLines("/proc/self/mounts")
        let fields = line.Split(' ')
        where fields[2] == "cgroup2"
        from folder in Directory.EnumerateDirectories(fields[1], "macrunners-uid-*", SearchOption.AllDirectories)
        where uint.TryParse(folder[(folder.LastIndexOf('-') + 1)..], CultureInfo.InvariantCulture, out var uid) && uid >= first && uid <= last
        select folder;

    private static List<string> Files(uint first, uint last, IReadOnlyList<string> places)
    {
        var start = new ProcessStartInfo("/usr/bin/find") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var place in places.Where(Directory.Exists))
        {
            start.ArgumentList.Add(place);
        }

        // -uid takes "more than" and "less than".
        foreach (var argument in (string[])["-xdev", "-uid", $"+{first - 1}", "-uid", $"-{last + 1}", "-prune", "-print0"])
        {
            start.ArgumentList.Add(argument);
        }

        using var find = Process.Start(start)!;
        find.ErrorDataReceived += (_, _) => { }; // Entries that vanish while it looks.
        find.BeginErrorReadLine();
        var output = find.StandardOutput.ReadToEnd();
        find.WaitForExit();
        return [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, WorkingDirectory = "/" })!;
        _ = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
    }
}
