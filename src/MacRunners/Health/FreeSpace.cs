using System.Globalization;
using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Health;

/// <summary>Room on the volumes of <c>Paths:State</c> and <c>Paths:Homes</c>.</summary>
internal sealed class FreeSpace(IFileCalls files, IOptions<PathsOptions> paths, IOptions<HealthOptions> health)
{
    /// <summary>What to do about too little of it.</summary>
    public const string Remedy = "Free space or enlarge the volume; look into the trash under Paths:State. Else recycle the machine.";

    private const double BytesPerGib = 1024.0 * 1024 * 1024;

    private const string UnreadableRemedy = "Look at the volume, its mount and its disk. Else recycle the machine.";

    /// <summary>Looks now. A volume that cannot be looked at has no room.</summary>
    public FreeSpaceLook Look()
    {
        try
        {
            return Measure();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new FreeSpaceLook(true, true, $"the free space under {paths.Value.State} and {paths.Value.Homes} cannot be looked at: {e.Message.TrimEnd('.')}", UnreadableRemedy);
        }
    }

    private FreeSpaceLook Measure()
    {
        var least = health.Value.MinFreeBytes;
        var (state, homes) = (new DriveInfo(paths.Value.State).AvailableFreeSpace, new DriveInfo(paths.Value.Homes).AvailableFreeSpace);
        var detail = $"free: {Gib(state)} GiB under {paths.Value.State}, {Gib(homes)} GiB under {paths.Value.Homes}; required: {Gib(least)} GiB (Health:MinFreeBytes)";
        var free = Math.Min(state, homes);

        // A job that left a million files has taken those as well, until the trash is emptied.
        var leastInodes = health.Value.MinFreeInodes;
        var inodes = Math.Min(files.FreeInodes(paths.Value.State), files.FreeInodes(paths.Value.Homes));
        if (inodes / 2 < leastInodes)
        {
            detail += $"; room for {inodes} files, required: {leastInodes} (Health:MinFreeInodes)";
        }

        return new FreeSpaceLook(free < least || inodes < leastInodes, free / 2 < least || inodes / 2 < leastInodes, detail, Remedy);
    }

    private static string Gib(long bytes) => (bytes / BytesPerGib).ToString("0.0", CultureInfo.InvariantCulture);
}

/// <summary>What was found.</summary>
/// <param name="IsTooLittle">Less than required: no job may be taken.</param>
/// <param name="IsScarce">Less than twice as much.</param>
/// <param name="Detail">The numbers, for people.</param>
/// <param name="Remedy">What to do about too little.</param>
internal readonly record struct FreeSpaceLook(bool IsTooLittle, bool IsScarce, string Detail, string Remedy);
