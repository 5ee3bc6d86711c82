namespace MacRunners.MacEmulator.LibSystem.Translation;

/// <summary>Descriptors and flags of the <c>…at</c> calls: Darwin's to Linux's.</summary>
internal static class AtFlags
{
    internal const int LinuxNoFollow = 0x100;
    internal const int LinuxEmptyPath = 0x1000;
    internal const int LinuxCurrentDirectory = -100;

    private const int CurrentDirectory = -2;
    private const int NoFollow = 0x20;
    private const int RemoveDirectory = 0x80;
    private const int NoFollowAny = 0x800;
    private const int LinuxRemoveDirectory = 0x200;

    /// <summary>Only Darwin's number means the current directory: Linux's is a bad descriptor like any other.</summary>
    internal static int Directory(int descriptor) => descriptor == CurrentDirectory ? LinuxCurrentDirectory : descriptor < 0 ? -1 : descriptor;

    /// <summary>Flags of <c>fstatat</c> and <c>fchownat</c>; false for what Darwin refuses.</summary>
    internal static bool TryTranslate(int darwin, out int linux, out bool followNothing)
    {
        linux = (darwin & (NoFollow | NoFollowAny)) != 0 ? LinuxNoFollow : 0;
        followNothing = (darwin & NoFollowAny) != 0;
        return (darwin & ~(NoFollow | NoFollowAny)) == 0;
    }

    /// <summary>Flags of <c>unlinkat</c>; false for what Darwin refuses.</summary>
    internal static bool TryTranslateUnlink(int darwin, out int linux)
    {
        linux = darwin == RemoveDirectory ? LinuxRemoveDirectory : 0;
        return darwin is 0 or RemoveDirectory;
    }
}
