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

    [Theory]
    [InlineData("systemd", "/system.slice/x.service", "/sys/fs/cgroup/system.slice/x.service")]
    [InlineData("systemd", "/", "/sys/fs/cgroup")]
    [InlineData("both versions", "/", "/sys/fs/cgroup/unified")]
    [InlineData("container", "/docker/1 a/b", "/sys/fs/cgroup/b")]
    [InlineData("container", "/docker/1 ab", null)]
    [InlineData("container", "/docker", null)]
    [InlineData("outside", "/../..", null)]
    [InlineData("systemd", "/a/../b", null)]
    [InlineData("read-only mount", "/", null)]
    [InlineData("read-only file system", "/", null)]
    [InlineData("FUSE of that name", "/", null)]
    [InlineData("version 1", "/", null)]
    public void The_folder_of_a_control_group_is_where_it_is_mounted_for_writing(string machine, string group, string? folder)
    {
        var table = "22 1 0:21 / / rw - ext4 /dev/root rw\n" + machine switch
        {
            "systemd" => "31 22 0:28 / /sys/fs/cgroup rw,nosuid shared:9 master:2 - cgroup2 cgroup2 rw,nsdelegate\n",
            "both versions" => "31 22 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
            "container" => "31 22 0:28 /docker/1\\040a /sys/fs/cgroup rw - cgroup2 cgroup rw\n",
            "outside" => "31 22 0:28 /../.. /sys/fs/cgroup rw - cgroup2 cgroup rw\n",
            "read-only mount" => "31 22 0:28 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw\n",
            "read-only file system" => "31 22 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup ro\n",
            "FUSE of that name" => "31 22 0:28 / /tmp/cgroup2 rw - fuse.cgroup2 cgroup2 rw,user_id=7001\n",
            _ => "32 22 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n",
        };

        Assert.Equal(folder, MountTable.FolderOfControlGroup(table, group));
    }

    [Fact]
    public void The_mount_of_a_descriptor_has_a_number_among_other_facts() =>
        Assert.Equal(31UL, MountTable.IdOf("pos:\t0\nflags:\t012100000\nmnt_id:\t31\nino:\t7\n"));
}
