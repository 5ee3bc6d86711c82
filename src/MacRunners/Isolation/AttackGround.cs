using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using MacRunners.Platform;

namespace MacRunners.Isolation;

/// <summary>
/// What an attack needs around it, in a folder of root's that its account can read but not change: its scripts, canaries, and the names
/// and secrets that are its alone.
/// </summary>
internal sealed class AttackGround
{
    private const UnixFileMode RootOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode ReadableByAll = RootOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode PassableByAll = ReadableByAll | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly TimeSpan SetUpLimit = TimeSpan.FromMinutes(1);

    private readonly Attack _attack;
    private readonly ITool _tool;
    private readonly string _besideSecret = NewSecret();
    private readonly Dictionary<string, string> _variables;

    private AttackGround(Attack attack, string folder, string run, AttackScale scale, AttackTarget target, Canaries canaries, ITool tool)
    {
        _attack = attack;
        _tool = tool;
        Folder = folder;
        Canaries = canaries;
        Mark = $"{run}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        Port = FreePort();
        _variables = new Dictionary<string, string>
        {
            ["MARK"] = Mark,
            ["RUN"] = run,
            ["SECRET"] = NewSecret(),
            ["CANARIES"] = canaries.Folder,
            ["PORT"] = Number(Port),
            ["FILES"] = Number(scale.Files),
            ["DEPTH"] = Number(scale.Depth),
            ["MEGABYTES"] = Number(scale.Megabytes),
            ["SHARED_PLACES"] = string.Join(':', target.SharedPlaces),
            ["SEARCH_ROOTS"] = string.Join(':', target.SearchRoots),
            ["SYSTEM_ROOT"] = target.SystemRoot,
            ["DAEMON_PID"] = Number(target.Pid),
            ["DAEMON_PORT"] = target.Port is { } port ? Number(port) : "",
            ["DAEMON_SOCKET"] = target.ControlSocket,
            ["DAEMON_SECRETS"] = string.Join('\n', target.Secrets),
            ["DAEMON_OWN"] = string.Join('\n', target.Own),
        };
    }

    /// <summary>Where it is.</summary>
    public string Folder { get; }

    /// <summary>With which all names outside the home begin that the attack makes.</summary>
    public string Mark { get; }

    /// <summary>A port that nobody had when the attack began.</summary>
    public int Port { get; }

    /// <summary>Files of others.</summary>
    public Canaries Canaries { get; }

    /// <summary>To be run as the job.</summary>
    public string Script => Path.Combine(Folder, "attack.sh");

    /// <summary>To be run in the account beside, if the attack has one.</summary>
    public string BesideScript => Path.Combine(Folder, "beside.sh");

    /// <summary>Holds the secret, for a search.</summary>
    public string SecretFile => Path.Combine(Folder, "secret");

    /// <summary>When this file appears, the account beside looks whether it was left alone, and ends.</summary>
    public string End => Path.Combine(Folder, "end");

    /// <summary>The script's variables.</summary>
    public IReadOnlyDictionary<string, string> Variables => _variables;

    /// <summary>Variables of the script beside: the same, but for secrets.</summary>
    public IReadOnlyDictionary<string, string> BesideVariables => new Dictionary<string, string>(_variables)
    {
        ["SECRET"] = _besideSecret,
        ["BESIDE_SECRET"] = _besideSecret,
        ["END"] = End,
    };

    /// <summary>A name with which everything of one run begins.</summary>
    public static string NewRun() => $"mr-attack-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    /// <summary>Makes everything.</summary>
    /// <param name="attack">For which.</param>
    /// <param name="parent">A folder that only root can write to and everybody can pass through, on the file system of the homes.</param>
    /// <param name="run">What all marks of this run begin with.</param>
    /// <param name="scale">How much is made of what much is made of.</param>
    /// <param name="target">What is attacked.</param>
    /// <param name="tool">Runs programs.</param>
    /// <exception cref="IOException">Something cannot be made.</exception>
    /// <exception cref="ToolException">A program of the system cannot be run.</exception>
    public static async Task<AttackGround> MakeAsync(Attack attack, string parent, string run, AttackScale scale, AttackTarget target, ITool tool)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent, Guid.NewGuid().ToString("N")), PassableByAll).FullName;
        var ground = new AttackGround(attack, folder, run, scale, target, await Canaries.PlantAsync(Path.Combine(folder, "canaries"), tool), tool);
        Write(ground.SecretFile, ground.Variables["SECRET"], RootOnly);
        Write(ground.Script, AttackCatalogue.Script(attack), ReadableByAll);
        if (attack.Beside is { } beside)
        {
            Write(ground.BesideScript, AttackCatalogue.Beside(beside), ReadableByAll);
        }

        if (attack.SetUp is { } setUp)
        {
            Write(ground.SetUpScript, AttackCatalogue.SetUp(setUp), RootOnly);
        }

        await ground.Canaries.ObserveAsync();
        return ground;
    }

    /// <summary>Tells the attack who is beside it.</summary>
    public void Meet(string home, int pid)
    {
        _variables["BESIDE_HOME"] = home;
        _variables["BESIDE_PID"] = Number(pid);
    }

    /// <summary>Root's part before the script.</summary>
    /// <returns>Why the attack cannot be made here; null when it can.</returns>
    /// <exception cref="ToolException">It did not end.</exception>
    /// <exception cref="IOException">It failed.</exception>
    public async Task<string?> PrepareAsync(string home, uint uid)
    {
        if (_attack.SetUp is null)
        {
            return null;
        }

        var result = await SetUpAsync("prepare", home, uid);
        return AttackJudge.SkipReason(result.Output.Split('\n')) ?? (result.ExitCode == 0 ? null : throw new IOException($"its preparation by root ended with {result.Summary}"));
    }

    /// <summary>Root's own look after teardown, for what only it can see.</summary>
    /// <returns>What is not as it should be.</returns>
    /// <exception cref="ToolException">It did not end.</exception>
    public async Task<IEnumerable<string>> LookAsync(string home, uint uid) =>
        _attack.SetUp is null ? [] : AttackJudge.Breaches((await SetUpAsync("look", home, uid)).Output.Split('\n'));

    /// <summary>Removes what root's part has made outside the home, and what teardown should have removed of it.</summary>
    /// <exception cref="ToolException">It did not end.</exception>
    public async Task UndoAsync(string home, uint uid)
    {
        if (_attack.SetUp is not null)
        {
            _ = await SetUpAsync("undo", home, uid);
        }
    }

    private string SetUpScript => Path.Combine(Folder, "set-up.sh");

    private Task<ToolResult> SetUpAsync(string what, string home, uint uid) =>
        _tool.RunAsync("/bin/bash", [SetUpScript, what, home, uid.ToString(CultureInfo.InvariantCulture), Canaries.Folder, Mark], SetUpLimit, CancellationToken.None);

    private static void Write(string path, string content, UnixFileMode mode)
    {
        using (var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = RootOnly }))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(content));
        }

        File.SetUnixFileMode(path, mode);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string NewSecret() => $"isolation-secret-{RandomNumberGenerator.GetHexString(32, lowercase: true)}";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
