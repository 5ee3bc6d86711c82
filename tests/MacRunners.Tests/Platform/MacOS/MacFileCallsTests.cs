using MacRunners.Platform;
using MacRunners.Platform.MacOS;

namespace MacRunners.Tests.Platform.MacOS;

public sealed class MacFileCallsTests() : FileCallsContract(new MacFileCalls())
{
    [Fact]
    public void Nothing_is_unmounted_by_its_path_while_its_owner_may_exchange_a_part_of_it()
    {
        using var scratch = new Scratch();
        Scratch.Shell("mount -t tmpfs none \"$1\"", scratch.Folder);
        try
        {
            var files = new MacFileCalls();

            Assert.Throws<PosixException>(() => files.Unmount(scratch.Folder, letGo: true));

            Assert.Equal([scratch.Folder], files.MountsBelow(scratch.Folder));
        }
        finally
        {
            Scratch.Shell("umount \"$1\"", scratch.Folder);
        }
    }
}
