using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MacRunners.Images;

/// <summary>For which processors a program is made, by its first bytes: Mach-O, universal or not, and ELF.</summary>
internal static class ExecutableArchitecture
{
    private const int Enough = 4096;
    private const uint UniversalMagic = 0xcafebabe;
    private const uint MachMagic = 0xfeedfacf;
    private const uint ElfMagic = 0x7f454c46;
    private const uint MachArm64 = 0x0100000c;
    private const uint MachX64 = 0x01000007;
    private const ushort ElfArm64 = 183;
    private const ushort ElfX64 = 62;
    private const int ElfMachine = 18;
    private const int UniversalEntry = 20;

    // A class of Java begins like a universal program; its version would be this number, and is larger.
    private const uint MostArchitectures = 30;

    /// <summary>The processors; empty for scripts and whatever else is no program of a processor.</summary>
    public static IReadOnlySet<Architecture> Of(string path)
    {
        var bytes = new byte[Enough];
        using var file = File.OpenRead(path);
        return Of(bytes.AsSpan(0, file.ReadAtLeast(bytes, Enough, throwOnEndOfStream: false)));
    }

    /// <inheritdoc cref="Of(string)"/>
    public static IReadOnlySet<Architecture> Of(ReadOnlySpan<byte> head)
    {
        var found = new HashSet<Architecture>();
        if (head.Length < ElfMachine + sizeof(ushort))
        {
            return found;
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(head) == ElfMagic)
        {
            Add(found, BinaryPrimitives.ReadUInt16LittleEndian(head[ElfMachine..]), ElfArm64, ElfX64);
        }
        else if (BinaryPrimitives.ReadUInt32LittleEndian(head) == MachMagic)
        {
            Add(found, BinaryPrimitives.ReadUInt32LittleEndian(head[4..]), MachArm64, MachX64);
        }
        else if (BinaryPrimitives.ReadUInt32BigEndian(head) == UniversalMagic && BinaryPrimitives.ReadUInt32BigEndian(head[4..]) is var count and < MostArchitectures)
        {
            for (var at = 8; at + UniversalEntry <= head.Length && count > 0; at += UniversalEntry, count--)
            {
                Add(found, BinaryPrimitives.ReadUInt32BigEndian(head[at..]), MachArm64, MachX64);
            }
        }

        return found;
    }

    private static void Add(HashSet<Architecture> found, uint value, uint arm64, uint x64)
    {
        if (value == arm64)
        {
            found.Add(Architecture.Arm64);
        }
        else if (value == x64)
        {
            found.Add(Architecture.X64);
        }
    }
}
