using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Teardown;

/// <summary>
/// Watches the files by which the system decides who may do what and what root runs (<see cref="PlatformPlaces.Protected"/>). No job
/// has the right to change them, so a change while one is on the machine means that somebody had root's rights, and no teardown
/// can say what else was done with them. What they were is kept on disk: a restart must not make a changed file the measure.
/// </summary>
internal sealed class Tripwire(IPlatform platform, IOptions<PathsOptions> paths, IOptions<TeardownOptions> options)
{
    private const string FileName = "tripwire.json";
    private const int MaxDepth = 4;
    private const long LargestRead = 1024 * 1024;

    private readonly Lock _gate = new();

    // As in the file, so that it need not be written again for each job.
    private SortedDictionary<string, string>? _kept;

    /// <summary>Where they are kept; without this file there is nothing to compare with.</summary>
    public string Kept => Path.Combine(paths.Value.State, FileName);

    /// <summary>Remembers the files as they are: before the first job, while none is on the machine.</summary>
    /// <exception cref="IOException">They cannot be kept.</exception>
    public void Arm()
    {
        if (!options.Value.Tripwire)
        {
            return;
        }

        var now = Look();
        lock (_gate)
        {
            if (_kept is null || !File.Exists(Kept) || !_kept.SequenceEqual(now))
            {
                Keep(now);
            }
        }
    }

    /// <summary>What differs from the files as they were when the first of the present jobs came; one line each.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    public IReadOnlyList<string> Changes()
    {
        lock (_gate)
        {
            if (!options.Value.Tripwire || Read() is not { } before)
            {
                return [];
            }

            var now = Look();
            return
            [
                .. before.Keys.Except(now.Keys).Select(path => $"{path} was removed"),
                .. now.Keys.Except(before.Keys).Select(path => $"{path} was added"),
                .. now.Where(file => before.TryGetValue(file.Key, out var was) && was != file.Value).Select(file => $"{file.Key} was changed"),
            ];
        }
    }

    private SortedDictionary<string, string> Look()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in platform.Places.Protected.Concat(options.Value.ProtectedFiles))
        {
            Look(new FileInfo(path), 0, found);
        }

        return found;
    }

    private static void Look(FileSystemInfo entry, int depth, SortedDictionary<string, string> found)
    {
        try
        {
            if (entry.LinkTarget is { } target)
            {
                found[entry.FullName] = $"link to {target}";
            }
            else if (Directory.Exists(entry.FullName))
            {
                found[entry.FullName] = $"folder {entry.UnixFileMode}";
                if (depth < MaxDepth)
                {
                    foreach (var inner in new DirectoryInfo(entry.FullName).EnumerateFileSystemInfos())
                    {
                        Look(inner, depth + 1, found);
                    }
                }
            }
            else if (entry.Exists)
            {
                found[entry.FullName] = $"file {entry.UnixFileMode} {Hash(entry.FullName)}";
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Removed meanwhile, which the comparison shows.
        }
    }

    // Root's folders: nothing here is a job's, so opening follows nobody.
    private static string Hash(string path)
    {
        using var file = File.OpenRead(path);
        var content = new byte[Math.Min(file.Length, LargestRead)];
        var length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return $"{file.Length} {Convert.ToHexStringLower(SHA256.HashData(content.AsSpan(0, length)))}";
    }

    private SortedDictionary<string, string>? Read()
    {
        try
        {
            using var file = File.OpenRead(Kept);
            return JsonSerializer.Deserialize(file, TripwireJson.Default.SortedDictionaryStringString);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new IOException($"{Kept} cannot be read: {e.Message}", e);
        }
    }

    private void Keep(SortedDictionary<string, string> files)
    {
        // Renamed into its place: there is no moment at which half of it could be read.
        var incomplete = Kept + ".new";
        using (var file = new FileStream(incomplete, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            JsonSerializer.Serialize(file, files, TripwireJson.Default.SortedDictionaryStringString);
            file.Flush(flushToDisk: true);
        }

        File.Move(incomplete, Kept, overwrite: true);
        _kept = files;
    }
}

/// <summary>How the files are kept.</summary>
[JsonSerializable(typeof(SortedDictionary<string, string>))]
internal sealed partial class TripwireJson : JsonSerializerContext;
