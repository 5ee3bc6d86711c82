using System.Buffers.Binary;

namespace MacRunners.Platform.MacOS;

/// <summary>
/// Where macOS keeps a user's temporary files and caches below <c>/private/var/folders</c>: the name is the account's UUID
/// and number in base 32, 5 bits at a time, most significant first; two characters make the first level.
/// </summary>
internal static class UserFolders
{
    private const string Alphabet = "0123456789_bcdfghjklmnpqrstvwxyz";
    private const int UuidBytes = 16;
    private const int BitsPerCharacter = 5;
    private const int FirstLevel = 2;

    /// <summary>The folder's name below <c>/private/var/folders</c>.</summary>
    internal static string For(Guid generatedUid, uint uid)
    {
        Span<byte> bytes = stackalloc byte[UuidBytes + sizeof(uint)];
        generatedUid.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[UuidBytes..], uid);

        Span<char> text = stackalloc char[bytes.Length * 8 / BitsPerCharacter];
        for (var i = 0; i < text.Length; i++)
        {
            var bit = i * BitsPerCharacter;
            var window = (bytes[bit / 8] << 8) | (bit / 8 + 1 < bytes.Length ? bytes[bit / 8 + 1] : 0);
            text[i] = Alphabet[(window >> (16 - BitsPerCharacter - (bit % 8))) & 0x1f];
        }

        return $"{text[..FirstLevel]}/{text[FirstLevel..]}";
    }

    /// <summary>The UUID that the system makes up for a number without a record: before creation is visible, or after deletion.</summary>
    internal static Guid WithoutRecord(uint uid)
    {
        Span<byte> bytes = [0xFF, 0xFF, 0xEE, 0xEE, 0xDD, 0xDD, 0xCC, 0xCC, 0xBB, 0xBB, 0xAA, 0xAA, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(bytes[^sizeof(uint)..], uid);
        return new Guid(bytes, bigEndian: true);
    }
}
