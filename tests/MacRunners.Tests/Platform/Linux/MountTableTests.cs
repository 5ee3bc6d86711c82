using MacRunners.Platform.Linux;

namespace MacRunners.Tests.Platform.Linux;

public class MountTableTests
{
    [Fact]
    public void The_mount_table_is_read_with_its_escapes_and_neighbours_are_left_out()
    {
        const string table = """
            22 1 0:21 / / rw - ext4 /dev/root rw
            30 22 0:22 / /home/bk-1 rw,nosuid shared:1 - tmpfs none rw
            31 30 0:23 / /home/bk-1/a\040b\134c/d rw - tmpfs none rw
            32 22 0:24 / /home/bk-10 rw - tmpfs none rw

            """;

        Assert.Equal([new("/home/bk-1/a b\\c/d", 31), new("/home/bk-1", 30)], MountTable.Below(table, "/home/bk-1/"));
    }

    [Fact]
    public void A_user_s_own_mounts_are_those_of_FUSE_with_his_number()
    {
        const string table = """
            22 1 0:21 / / rw - ext4 /dev/root rw,user_id=7
            30 22 0:22 / /tmp/a rw,nosuid,nodev - fuse.sshfs host rw,user_id=7001,group_id=7001
            31 30 0:23 / /tmp/a/b rw - fuse none rw,user_id=7001
            32 22 0:24 / /tmp/c rw - fuse none rw,user_id=70010,group_id=7001

            """;

        Assert.Equal([new("/tmp/a/b", 31), new("/tmp/a", 30)], MountTable.Of(table, 7001));
    }

    [Fact]
    public void The_mount_of_a_descriptor_has_a_number_among_other_facts() =>
        Assert.Equal(31UL, MountTable.IdOf("pos:\t0\nflags:\t012100000\nmnt_id:\t31\nino:\t7\n"));
}
