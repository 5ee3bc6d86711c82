using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Teardown;

/// <summary>The folders outside the home that every account can write to, looked through by numeric owner.</summary>
internal sealed class SharedPlaces(IPlatform platform, IOptions<PathsOptions> paths, IOptions<TeardownOptions> options)
{
    // A job can make folders inside folders that others opened to everybody; deeper than this it cannot have been given a place by an image.
    private const int MaxDepth = 16;

    // Whoever may pass through a folder may be able to write in one below it.
    private const UnixFileMode EverybodyPasses = UnixFileMode.OtherExecute;
    private const uint FirstOfJobs = 65536; // No range of accounts begins below.
    private const UnixFileMode SetId = UnixFileMode.SetUser | UnixFileMode.SetGroup;

    /// <summary>Absolute paths without links: the platform's own and the configured ones.</summary>
    public IReadOnlyList<string> All { get; } = [.. platform.Places.SharedPlaces.Concat(options.Value.SharedPlaces).Select(WithoutLinks).Distinct()];

    /// <summary>Where a local trash of an earlier daemon may be: these places, the homes' folder, and the tops of the volumes.</summary>
    public IReadOnlyList<string> OfTrash => [.. All.Append(paths.Value.Homes).Union(platform.Places.Volumes)];

    /// <summary>
    /// Calls <paramref name="found"/> for every entry whose owner is wanted, in the places themselves and in folders of
    /// other owners there that everybody can pass through. What lies below a found folder is not visited.
    /// </summary>
    /// <param name="isWanted">Decides by the owner's number.</param>
    /// <param name="found">Place, open parent, name, and path for people.</param>
    /// <param name="withheld">Told about each place that may not be looked at; the proof names them, so others need not.</param>
    public void Visit(Func<uint, bool> isWanted, Action<string, SafeFileHandle, FileName, string> found, Action<string, PosixException>? withheld = null) =>
        Visit(status => isWanted(status.Uid), (place, parent, name, path, _) => found(place, parent, name, path), withheld);

    /// <summary>
    /// Calls <paramref name="found"/> for every file in the same folders that gives whoever runs it the rights of its owner, who is no job, or of
    /// its group, with its path and status.
    /// </summary>
    public void VisitSetId(Action<string, FileStatus> found) => Visit(
        status => status is { Uid: < FirstOfJobs, Kind: FileKind.Other } && (status.Mode & SetId) != 0, (_, _, _, path, status) => found(path, status), withheld: null);

    private void Visit(Func<FileStatus, bool> isWanted, Action<string, SafeFileHandle, FileName, string, FileStatus> found, Action<string, PosixException>? withheld)
    {
        foreach (var place in All)
        {
            SafeFileHandle directory;
            try
            {
                directory = platform.Files.OpenDirectory(place);
            }
            catch (PosixException e) when (e.Error is PosixError.NotFound)
            {
                continue;
            }
            catch (PosixException e) when (e.Error is PosixError.NotPermitted)
            {
                withheld?.Invoke(place, e);
                continue;
            }

            using (directory)
            {
                Visit(place, place, directory, 0, isWanted, found);
            }
        }
    }

    // Systems and images link such folders (/tmp → private/tmp). They are root's, so this is safe, once, before any job.
    private static string WithoutLinks(string path)
    {
        var resolved = "/";
        foreach (var component in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = new DirectoryInfo(Path.Combine(resolved, component));
            resolved = next.LinkTarget is null ? next.FullName : WithoutLinks(next.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
        }

        return resolved;
    }

    private void Visit(
        string place, string path, SafeFileHandle directory, int depth, Func<FileStatus, bool> isWanted, Action<string, SafeFileHandle, FileName, string, FileStatus> found)
    {
        foreach (var name in platform.Files.List(directory))
        {
            if (platform.Files.Stat(directory, name) is not { } status)
            {
                continue;
            }

            if (isWanted(status))
            {
                found(place, directory, name, $"{path}/{name}", status);
            }
            else if (status.Kind == FileKind.Directory && status.Mode.HasFlag(EverybodyPasses) && depth < MaxDepth)
            {
                SafeFileHandle inner;
                try
                {
                    inner = platform.Files.OpenDirectory(directory, name);
                }
                catch (PosixException e) when (e.Error is PosixError.NotFound or PosixError.NotADirectory or PosixError.IsALink)
                {
                    // Its owner removed or replaced it meanwhile.
                    continue;
                }

                using (inner)
                {
                    Visit(place, $"{path}/{name}", inner, depth + 1, isWanted, found);
                }
            }
        }
    }
}
