using System.Buffers.Binary;
using System.Text;

namespace MacRunners.Platform.MacOS;

/// <summary>Reads <c>struct proc_bsdinfo</c>.</summary>
internal static class ProcessInformation
{
    /// <summary>Size of the structure.</summary>
    internal const int Size = 136;

    private const int StatusOffset = 4;
    private const int PidOffset = 12;
    private const int ParentOffset = 16;
    private const int EffectiveUidOffset = 20;
    private const int RealUidOffset = 28;
    private const int SavedUidOffset = 36;
    private const int ShortNameOffset = 48;
    private const int ShortNameSize = 16;
    private const int LongNameOffset = 64;
    private const int LongNameSize = 32;
    private const int StartSecondsOffset = 120;
    private const int StartMicrosecondsOffset = 128;
    private const uint Zombie = 5;
    private const ulong MicrosecondsPerSecond = 1_000_000;

    /// <summary>The process, or null for a zombie.</summary>
    internal static ProcessEntry? Parse(ReadOnlySpan<byte> information)
    {
        if (Number(information, StatusOffset) == Zombie)
        {
            return null;
        }

        var start = (BinaryPrimitives.ReadUInt64LittleEndian(information[StartSecondsOffset..]) * MicrosecondsPerSecond)
            + BinaryPrimitives.ReadUInt64LittleEndian(information[StartMicrosecondsOffset..]);
        var name = Text(information.Slice(LongNameOffset, LongNameSize));
        return new ProcessEntry(
            new ProcessIdentity((int)Number(information, PidOffset), start),
            (int)Number(information, ParentOffset),
            Number(information, RealUidOffset),
            Number(information, EffectiveUidOffset),
            Number(information, SavedUidOffset),
            name.Length > 0 ? name : Text(information.Slice(ShortNameOffset, ShortNameSize)));
    }

    private static uint Number(ReadOnlySpan<byte> information, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(information[offset..]);

    private static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return new([.. Encoding.UTF8.GetString(end < 0 ? field : field[..end]).Select(c => char.IsControl(c) ? '?' : c)]);
    }
}
