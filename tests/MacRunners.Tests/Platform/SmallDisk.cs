namespace MacRunners.Tests.Platform;

/// <summary>A file system of the test's own that really can be full.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly Scratch _scratch = new();

    /// <param name="options">Of its mount.</param>
    /// <param name="at">Where it is mounted; null for a place of its own.</param>
    internal SmallDisk(string options = "size=4m", string? at = null)
    {
        Folder = at ?? _scratch["disk"];
        Scratch.Shell("mkdir -p \"$1\" && mount -t tmpfs -o \"$2\" tmpfs \"$1\"", Folder, options);
    }

    /// <summary>Where it is mounted.</summary>
    internal string Folder { get; }

    private string Filler => Path.Combine(Folder, "filler");

    public void Dispose()
    {
        Scratch.Shell("umount \"$1\"", Folder);
        _scratch.Dispose();
    }

    /// <summary>Leaves no byte free.</summary>
    internal void Fill() => Scratch.Shell("cat /dev/zero > \"$1\"; sync", Filler);

    /// <summary>Takes back what <see cref="Fill"/> did.</summary>
    internal void Empty() => File.Delete(Filler);
}
