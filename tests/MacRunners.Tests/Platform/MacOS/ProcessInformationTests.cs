using System.Buffers.Binary;
using System.Text;
using MacRunners.Platform;
using MacRunners.Platform.MacOS;

namespace MacRunners.Tests.Platform.MacOS;

public class ProcessInformationTests
{
    [Fact]
    public void The_structure_is_read_at_its_offsets()
    {
        Assert.Equal(
            new ProcessEntry(new ProcessIdentity(4242, 1_764_000_000_000_123), 77, RealUid: 700001, EffectiveUid: 0, SavedUid: 700002, "a longer name?"),
            ProcessInformation.Parse(Structure(status: 2, longName: "a longer name\n")));
    }

    [Fact]
    public void Without_a_long_name_the_short_one_counts() => Assert.Equal("sixteen-bytes-xx", ProcessInformation.Parse(Structure(2, ""))?.Command);

    [Fact]
    public void A_zombie_is_no_process() => Assert.Null(ProcessInformation.Parse(Structure(5, "x")));

    private static byte[] Structure(uint status, string longName)
    {
        var bytes = new byte[ProcessInformation.Size];
        void Write(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);
        Write(4, status);
        Write(12, 4242);
        Write(16, 77);
        Write(20, 0);
        Write(28, 700001);
        Write(36, 700002);
        Encoding.UTF8.GetBytes("sixteen-bytes-xx").CopyTo(bytes, 48);
        Encoding.UTF8.GetBytes(longName).CopyTo(bytes, 64);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(120), 1_764_000_000);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(128), 123);
        return bytes;
    }
}
