using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Native;
using MacRunners.Platform.Linux;
using MacRunners.Platform.MacOS;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Tests.Platform;

/// <summary>Sizes and offsets of every structure that crosses into C, per system and architecture, as the systems' headers have them.</summary>
public class StructureLayoutTests
{
    private static readonly Architecture[] Both = [Architecture.X64, Architecture.Arm64];

    // All of them are the same on both architectures: Darwin's with 64-bit inode numbers (what $INODE64 chooses on Intel), and of
    // Linux only those that are (statx instead of stat). A structure that is read up to some field has no size.
    private static readonly Row[] Table =
    [
        new("darwin", Both, "struct stat", typeof(MacFileImports.StatBuffer), 144, "Device 0, Mode 4, Inode 8, Uid 16, Gid 20, Flags 116"),
        new("darwin", Both, "struct stat", typeof(DarwinStatus), 144,
            "Device 0, Mode 4, Links 6, Inode 8, Uid 16, Gid 20, SpecialDevice 24, Accessed 32, Modified 48, Changed 64, Born 80, Size 96, Blocks 104, BlockSize 112, Flags 116, Generation 120"),
        new("darwin", Both, "struct timespec", typeof(DarwinTime), 16, "Seconds 0, Nanoseconds 8"),
        new("darwin", Both, "struct dirent", typeof(MacFileImports.DirectoryEntry), null, "NameLength 18, Type 20, Name 21"),
        new("darwin", Both, "struct dirent", typeof(DarwinDirectoryEntry), 1048, "Inode 0, SeekOffset 8, RecordLength 16, NameLength 18, Type 20, Name 21"),
        new("darwin", Both, "struct statfs", typeof(DarwinFileSystem), 2168,
            "BlockSize 0, TransferSize 4, Blocks 8, Free 16, Available 24, Files 32, FilesFree 40, FirstId 48, SecondId 52, Owner 56, Type 60, Flags 64, SubType 68, TypeName 72, MountedOn 88, MountedFrom 1112, ExtendedFlags 2136"),
        new("darwin", Both, "struct vfsidctl", typeof(MacFileImports.FileSystemControl), 80, "Version 0, FirstId 4, SecondId 8, Value 16, Size 24"),
        new("darwin", Both, "struct attrlist", typeof(MacFileImports.AttributeList), 24, "Count 0, Reserved 2, Common 4, Volume 8, Directory 12, File 16, Fork 20"),
        new("darwin", Both, "struct passwd", typeof(MacUserImports.Passwd), 72,
            "Name 0, Password 8, Uid 16, Gid 20, PasswordChange 24, AccessClass 32, Description 40, Home 48, Shell 56, Expiration 64"),
        new("darwin", Both, "struct passwd", typeof(DarwinUser), 72, "Name 0, Password 8, Uid 16, Gid 20, PasswordChange 24, Class 32, Gecos 40, Home 48, Shell 56, Expires 64"),
        new("darwin", Both, "struct group", typeof(MacUserImports.Group), 32, "Name 0, Password 8, Gid 16, Members 24"),
        new("darwin", Both, "struct rlimit", typeof(MacProcessImports.Limits), 16, "Soft 0, Hard 8"),
        new("darwin", Both, "struct proc_bsdinfo", typeof(DarwinProcess), 136,
            "Flags 0, Status 4, ExitStatus 8, Pid 12, ParentPid 16, Uid 20, Gid 24, RealUid 28, RealGid 32, SavedUid 36, SavedGid 40, Command 48, Name 64, Files 96, ProcessGroup 100, JobControl 104, Terminal 108, TerminalGroup 112, Nice 116, StartSeconds 120, StartMicroseconds 128"),
        new("linux", Both, "struct statx", typeof(LinuxFileImports.Statx), 256, "Attributes 8, Uid 20, Gid 24, Mode 28, Inode 32, AttributesMask 56, DeviceMajor 136, DeviceMinor 140"),
        new("linux", Both, "struct statx", typeof(LinuxStatus), 256,
            "BlockSize 4, Attributes 8, Links 16, Uid 20, Gid 24, Mode 28, Inode 32, Size 40, Blocks 48, Accessed 64, Born 80, Changed 96, Modified 112, SpecialMajor 128, SpecialMinor 132, DeviceMajor 136, DeviceMinor 140, MountId 144"),
        new("linux", Both, "struct statx_timestamp", typeof(LinuxTime), 16, "Seconds 0, Nanoseconds 8"),
        new("linux", Both, "struct dirent", typeof(LinuxDirectoryEntry), 280, "Inode 0, Type 18, Name 19"),
        new("linux", Both, "struct statfs", typeof(LinuxFileSystem), 120, "BlockSize 8, Blocks 16, Free 24, Available 32, Files 40, FilesFree 48"),
        new("linux", Both, "struct passwd", typeof(LinuxUserImports.Passwd), 48, "Name 0, Password 8, Uid 16, Gid 20, Description 24, Home 32, Shell 40"),
        new("linux", Both, "struct passwd", typeof(LinuxUser), 48, "Name 0, Password 8, Uid 16, Gid 20, Gecos 24, Home 32, Shell 40"),
        new("linux", Both, "struct group", typeof(LinuxUserImports.Group), 32, "Name 0, Password 8, Gid 16, Members 24"),
        new("linux", Both, "struct rlimit", typeof(LinuxProcessImports.Limits), 16, "Soft 0, Hard 8"),
        new("linux", Both, "struct rlimit", typeof(ResourceLimits), 16, "Soft 0, Hard 8"),
        new("linux", Both, "struct open_how", typeof(LinuxOpenHow), 24, "Flags 0, Mode 8, Resolve 16"),
        new("both", Both, "struct winsize", typeof(NativeCalls.WindowSize), 8, "Rows 0, Columns 2, Width 4, Height 6"),
        new("both", Both, "struct pollfd", typeof(NativeCalls.PollEntry), 8, "Fd 0, Events 4, Results 6"),
    ];

    public static TheoryData<string> Structures => [.. Table.Select(row => row.ToString())];

    [Theory, MemberData(nameof(Structures))]
    public void Sizes_and_offsets_are_those_of_the_headers(string structure)
    {
        var row = Table.Single(row => row.ToString() == structure);
        Assert.Contains(RuntimeInformation.ProcessArchitecture, row.Architectures);

        Assert.Equal(row.Fields, string.Join(", ", row.Type
            .GetFields(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic)
            .Select(field => (field.Name, Offset: (int)Marshal.OffsetOf(row.Type, field.Name)))
            .OrderBy(field => field.Offset)
            .Select(field => $"{field.Name} {field.Offset}")));
        if (row.Size is { } size)
        {
            Assert.Equal(size, Marshal.SizeOf(row.Type));
        }
    }

    [Fact]
    public void No_structure_is_missing_from_the_table()
    {
        var crossing = new[] { typeof(MacPlatform), typeof(NativeCalls), typeof(DarwinStatus) }.SelectMany(type => type.Assembly.GetTypes()).Where(type =>
            type is { IsValueType: true, IsEnum: false } && type.Namespace is { } name && !type.Name.Contains('<', StringComparison.Ordinal)
            && (type.DeclaringType is { } outer
                ? outer.Name.EndsWith("Imports", StringComparison.Ordinal) || outer == typeof(NativeCalls)
                : name == typeof(DarwinStatus).Namespace || name == typeof(LinuxStatus).Namespace));

        Assert.Empty(crossing.Except(Table.Select(row => row.Type)));
    }

    [Fact]
    public void Buffers_that_are_read_by_offset_agree_with_the_structures()
    {
        Assert.Equal(MacFileImports.MountSize, Marshal.SizeOf<DarwinFileSystem>());
        Assert.Equal(MacFileImports.MountIdOffset, (int)Marshal.OffsetOf<DarwinFileSystem>(nameof(DarwinFileSystem.FirstId)));
        Assert.Equal(MacFileImports.MountOwnerOffset, (int)Marshal.OffsetOf<DarwinFileSystem>(nameof(DarwinFileSystem.Owner)));
        Assert.Equal(MacFileImports.MountPointOffset, (int)Marshal.OffsetOf<DarwinFileSystem>(nameof(DarwinFileSystem.MountedOn)));
        Assert.Equal(MacFileImports.MountPointSize, DarwinFileSystem.PathSize);
        Assert.Equal(ProcessInformation.Size, Marshal.SizeOf<DarwinProcess>());
    }

    [Fact]
    public void Flags_that_differ_between_architectures_are_those_of_this_one()
    {
        var isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

        Assert.Equal(isArm ? 0x4000 : 0x10000, LinuxFileImports.OpenDirectoryOnly);
        Assert.Equal(isArm ? 0x8000 : 0x20000, LinuxFileImports.OpenNoFollow);
    }

    /// <param name="System">Whose headers.</param>
    /// <param name="Architectures">On which of them it looks like this.</param>
    /// <param name="Structure">Its name in C.</param>
    /// <param name="Type">Its declaration here.</param>
    /// <param name="Size">Bytes; null when it is read up to some field.</param>
    /// <param name="Fields">All declared fields with their offsets, in order.</param>
    private sealed record Row(string System, Architecture[] Architectures, string Structure, Type Type, int? Size, string Fields)
    {
        public override string ToString() => $"{System} {Structure} ({Type.Name})";
    }
}
