using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Teardown;

/// <summary>
/// Watches the files by which the system decides who may do what and what root runs (<see cref="PlatformPlaces.Protected"/>), and what lends
/// others' rights to whoever runs it in a shared folder: a second name of such a program keeps its old version. No job should change or make them, so a change while one is on the machine means that somebody had root's rights, and no teardown
/// can say what else was done with them. What they were, and processes of jobs that had become somebody else's, is kept on disk: a
/// restart must not make a changed file the measure.
/// </summary>
internal sealed partial class Tripwire(IPlatform platform, SharedPlaces places, IOptions<PathsOptions> paths, IOptions<TeardownOptions> options, ILogger<Tripwire> logger)
{
    private const int MaxDepth = 4;
    private const int MostRead = 64 * 1024 * 1024;
    private const string Roots = "";

    // Such names begin with this. That one goes is nobody's harm: whoever tidies a shared folder up removes it.
    private const string LendsRights = "a program that lends its owner's rights, ";

    // What the installer writes before it renames.
    private const string IncompleteSuffix = ".new";

    private readonly Lock _gate = new();

    // As in the file, so that it need not be written again for each job.
    private SortedDictionary<string, string>? _kept;

    // What the disk has not taken yet.
    private readonly List<string> _unwritten = [];

    /// <summary>Where it is kept. An operator accepts what was found by removing the folder.</summary>
    public string Folder => Path.Combine(paths.Value.State, "tripwire");

    private string FilesKept => Path.Combine(Folder, "files.json");

    private string EscapesKept => Path.Combine(Folder, "escapes.txt");

    /// <summary>Remembers the files as they are: before the first job, while none is on the machine.</summary>
    /// <exception cref="IOException">They cannot be read or kept.</exception>
    public void Arm()
    {
        if (!options.Value.Tripwire)
        {
            return;
        }

        try
        {
            var now = Look();
            lock (_gate)
            {
                if (_kept is { } before && Differences(before, now) is [var first, ..] differences)
                {
                    ChangedBetweenJobs(logger, differences.Count, first);
                }

                if (_kept is null || !File.Exists(FilesKept) || !_kept.SequenceEqual(now))
                {
                    Keep(now);
                }
            }
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The files of the system cannot be remembered: {e.Message}", e);
        }
    }

    /// <summary>What differs from the files as they were when the first of the present jobs came, and every escape; one line each.</summary>
    public IReadOnlyList<string> Changes()
    {
        lock (_gate)
        {
            try
            {
                WriteEscapes();
                IReadOnlyList<string> escapes = File.Exists(EscapesKept) ? File.ReadAllLines(EscapesKept) : [];
                return options.Value.Tripwire ? [.. escapes, .. ChangedFiles()] : escapes;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
            {
                return [.. _unwritten, $"the files of the system cannot be compared with what they were: {e.Message}"];
            }
        }
    }

    /// <summary>Remembers for good that a process of a job had become somebody else's; before it is killed, which ends the evidence.</summary>
    /// <exception cref="IOException">It cannot be kept; <see cref="Changes"/> has it nevertheless, and tries again.</exception>
    public void Remember(IEnumerable<string> escapes)
    {
        lock (_gate)
        {
            _unwritten.AddRange(escapes);
            WriteEscapes();
        }
    }

    /// <summary>Forgets what is in memory when an operator has removed the folder. Only while no job is on the machine.</summary>
    public void AcceptIfTold()
    {
        lock (_gate)
        {
            _kept = Directory.Exists(Folder) ? _kept : null;
        }
    }

    private void WriteEscapes()
    {
        if (_unwritten.Count == 0)
        {
            return;
        }

        MakeFolder();
        using (var file = new FileStream(EscapesKept, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(string.Concat(_unwritten.Select(escape => escape.ReplaceLineEndings(" ") + "\n"))));
            file.Flush(flushToDisk: true);
        }

        _unwritten.Clear();
    }

    private IReadOnlyList<string> ChangedFiles()
    {
        if (_kept is not null && !File.Exists(FilesKept))
        {
            return [$"{FilesKept} was removed"];
        }

        return Read() is { } before ? Differences(before, Look()) : [];
    }

    // Other folders to watch are another measure: of a new version, or a changed configuration.
    private static IReadOnlyList<string> Differences(SortedDictionary<string, string> before, SortedDictionary<string, string> now) =>
        before.GetValueOrDefault(Roots) != now[Roots] ? [] :
        [
            .. before.Keys.Except(now.Keys).Where(path => !path.StartsWith(LendsRights, StringComparison.Ordinal)).Select(path => $"{path} was removed"),
            .. now.Keys.Except(before.Keys).Select(path => $"{path} was added"),
            .. now.Where(file => before.TryGetValue(file.Key, out var was) && was != file.Value).Select(file => $"{file.Key} was changed"),
        ];

    private SortedDictionary<string, string> Look()
    {
        IReadOnlyList<string> roots = [.. platform.Places.Protected, .. options.Value.ProtectedFiles];
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal) { [Roots] = string.Join('\n', roots) };
        foreach (var path in roots)
        {
            try
            {
                using var parent = platform.Files.OpenDirectory(Path.GetDirectoryName(path)!);
                Look(parent, Path.GetFileName(path), path, 0, found);
            }
            catch (PosixException e) when (e.Error is PosixError.NotFound or PosixError.NotADirectory or PosixError.IsALink)
            {
                // Not on this system.
            }
        }

        // By what they are, not by what is in them: a job may exchange a name here at any moment, and nothing of it is opened.
        places.VisitSetId((path, status) => found[$"{LendsRights}{path}"] = $"{status.Kind} {status.Mode} {status.Uid}:{status.Gid} inode {status.Device}:{status.Inode}");
        return found;
    }

    private void Look(SafeFileHandle parent, FileName name, string path, int depth, SortedDictionary<string, string> found)
    {
        // An upgrade replaces these under running jobs.
        var isOwn = platform.Service.Definitions.Any(own => path == own || path == own + IncompleteSuffix);
        if (isOwn || platform.Files.Stat(parent, name) is not { } status)
        {
            return;
        }

        found[path] = $"{status.Kind} {status.Mode} {status.Uid}:{status.Gid} {(status.Kind switch
        {
            FileKind.Link => new FileInfo(path).LinkTarget,
            FileKind.Directory => "",
            _ => Hash(path),
        })}";
        if (status.Kind == FileKind.Directory && depth < MaxDepth)
        {
            using var folder = platform.Files.OpenDirectory(parent, name);
            foreach (var inner in platform.Files.List(folder))
            {
                Look(folder, inner, $"{path}/{inner}", depth + 1, found);
            }
        }
    }

    // Without waiting: a FIFO or a device is no reason to stand still.
    private string Hash(string path)
    {
        try
        {
            using var file = platform.Files.OpenFifo(path);
            using var stream = new FileStream(file, FileAccess.Read, 0);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[64 * 1024];
            for (var read = 0; read < MostRead;)
            {
                var count = stream.Read(buffer);
                if (count == 0)
                {
                    break;
                }

                hash.AppendData(buffer, 0, count);
                read += count;
            }

            return Convert.ToHexStringLower(hash.GetCurrentHash());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return "unreadable";
        }
    }

    private SortedDictionary<string, string>? Read()
    {
        try
        {
            using var file = File.OpenRead(FilesKept);
            return JsonSerializer.Deserialize(file, TripwireJson.Default.SortedDictionaryStringString) ?? throw new JsonException($"{FilesKept} holds nothing");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private void Keep(SortedDictionary<string, string> files)
    {
        MakeFolder();
        DurableFile.Replace(platform.Files, FilesKept, file => JsonSerializer.Serialize(file, files, TripwireJson.Default.SortedDictionaryStringString));
        _kept = files;
    }

    private void MakeFolder() => Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    [LoggerMessage(1261, LogLevel.Warning, "{Count} files of the system have changed while no job was here, as by an administrator: {First}, …")]
    private static partial void ChangedBetweenJobs(ILogger logger, int count, string first);
}

/// <summary>How the files are kept.</summary>
[JsonSerializable(typeof(SortedDictionary<string, string>))]
internal sealed partial class TripwireJson : JsonSerializerContext;
