using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Teardown;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Teardown;

public sealed class TreeRemovalTests : IDisposable
{
    private readonly Scratch _scratch = new("/var/lib/macrunners-dev");
    private readonly IFileCalls _files = new LinuxFileCalls();

    public TreeRemovalTests() => Directory.CreateDirectory(_scratch["trash/job"]);

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Links_are_removed_and_what_they_point_to_is_untouched()
    {
        Directory.CreateDirectory(_scratch["outside/inner"]);
        File.WriteAllText(_scratch["outside/inner/file"], "precious");
        var before = State(_scratch["outside"], _scratch["outside/inner"], _scratch["outside/inner/file"]);
        var etc = Scratch.Shell("stat -c '%i %a %u' /etc");
        Plant(
            """
            for place in "$1" "$1/job"; do
                ln -s /etc "$place/etc"; ln -s "$2" "$place/folder"; ln -s "$2/inner/file" "$place/file"
                ln -s nowhere "$place/dangling"; ln -s loop "$place/loop"; ln -s .. "$place/up"; ln -s . "$place/self"
            done
            """,
            _scratch["outside"]);

        Assert.Empty(Empty());

        Assert.Equal(before, State(_scratch["outside"], _scratch["outside/inner"], _scratch["outside/inner/file"]));
        Assert.Equal("precious", File.ReadAllText(_scratch["outside/inner/file"]));
        Assert.Equal(etc, Scratch.Shell("stat -c '%i %a %u' /etc"));
        AssertNothingLeft();
    }

    [Fact]
    public void Depth_does_not_matter()
    {
        Plant("cd \"$1/job\" && python3 -c $'import os\\nfor i in range(3000):\\n os.mkdir(\"d\"*20); os.chdir(\"d\"*20)\\nopen(\"deep\",\"w\").close()'");
        Assert.Equal("3000", Scratch.Shell("find \"$1\" -mindepth 1 -type d | wc -l", _scratch["trash/job"]).Trim());

        Assert.Empty(Empty());

        AssertNothingLeft();
    }

    [Fact]
    public void Names_may_hold_any_bytes_and_be_as_long_as_the_system_allows()
    {
        Plant(
            """
            cd "$1/job"
            for name in $'new\nline' $'\xff\xfe\x80' "$(printf 'x%.0s' {1..255})" -rf ... ' ' $'\e[31m' '*'; do
                mkdir -- "./$name" && touch -- "./$name/$name"
            done
            cd "$1" && touch -- $'new\nline' $'\xff\xfe'
            """);
        Assert.Equal(8, _files.List(_files.OpenDirectory(_scratch["trash/job"])).Count);

        Assert.Empty(Empty());

        AssertNothingLeft();
    }

    [Fact]
    public void Folders_without_any_permission_go()
    {
        Plant("mkdir -p \"$1/job/a/b/c\"; touch \"$1/job/a/b/c/file\"; chmod 0 \"$1/job/a/b/c/file\" \"$1/job/a/b/c\" \"$1/job/a/b\" \"$1/job/a\" \"$1/job\"");

        Assert.Empty(Empty());

        AssertNothingLeft();
    }

    [Theory]
    [InlineData("i")]
    [InlineData("a")]
    public void Immutable_and_append_only_files_and_folders_go(string flag)
    {
        Plant("mkdir -p \"$1/job/a/b\" \"$1/top\"; touch \"$1/job/a/b/file\" \"$1/job/a/file\" \"$1/file\"; chattr -R +\"$2\" \"$1\"/*", flag);
        Assert.Contains(flag, Scratch.Shell("lsattr -d \"$1\"", _scratch["trash/job/a"]).Split(' ')[0], StringComparison.Ordinal);

        Assert.Empty(Empty());

        AssertNothingLeft();
    }

    [Fact]
    public void Fifos_and_sockets_are_removed_without_being_opened()
    {
        Plant("mkfifo \"$1/fifo\" \"$1/job/fifo\"; cd \"$1/job\" && python3 -c $'import socket\\nsocket.socket(socket.AF_UNIX).bind(\"socket\")'; mknod \"$1/job/null\" c 1 3");
        Assert.Equal(3, Directory.GetFileSystemEntries(_scratch["trash/job"]).Length);

        Assert.Empty(Empty());

        AssertNothingLeft();
    }

    [Fact]
    public void Twenty_thousand_files_and_folders_in_one_folder_go()
    {
        Plant("cd \"$1/job\" && python3 -c $'import os\\nfor i in range(20000): open(str(i),\"w\").close()\\nfor i in range(2000): os.mkdir(\"d%d\" % i)'");

        Assert.Empty(Empty());

        AssertNothingLeft();
    }

    [Fact]
    public void The_other_name_of_a_hard_link_keeps_mode_owner_and_content()
    {
        File.WriteAllText(_scratch["file"], "precious");
        Scratch.Shell("chmod 4751 \"$1\"", _scratch["file"]);
        var before = Scratch.Shell("stat -c '%i %a %u %g %y' \"$1\"", _scratch["file"]);
        Plant("ln \"$2\" \"$1/job/link\"; ln \"$2\" \"$1/link\"", _scratch["file"]);
        Assert.Equal("3", Scratch.Shell("stat -c %h \"$1\"", _scratch["file"]).Trim());

        Assert.Empty(Empty());

        AssertNothingLeft();
        Assert.Equal(before, Scratch.Shell("stat -c '%i %a %u %g %y' \"$1\"", _scratch["file"]));
        Assert.Equal("precious", File.ReadAllText(_scratch["file"]));
        Assert.Equal("1", Scratch.Shell("stat -c %h \"$1\"", _scratch["file"]).Trim());
    }

    [Fact]
    public void A_mount_is_not_entered_but_reported_and_everything_beside_it_goes()
    {
        Directory.CreateDirectory(_scratch["outside"]);
        File.WriteAllText(_scratch["outside/file"], "precious");
        try
        {
            // One on the same file system, which no device number tells apart, one on another.
            Plant(
                """
                mkdir -p "$1/job/deep/bind" "$1/other/tmpfs" "$1/plain/folder"
                mount --bind "$2" "$1/job/deep/bind" && mount -t tmpfs none "$1/other/tmpfs" && touch "$1/other/tmpfs/file"
                """,
                _scratch["outside"]);

            var stuck = Empty();

            Assert.Equal(2, stuck.Count);
            Assert.Equal("precious", File.ReadAllText(_scratch["outside/file"]));
            Assert.Equal("1", Scratch.Shell("find \"$1\" -path '*/tmpfs/file' | wc -l", _scratch["trash"]).Trim());
            Assert.False(Directory.Exists(_scratch["trash/plain"]));
            Assert.Equal(stuck.Order(), Empty().Order());
        }
        finally
        {
            foreach (var mount in _files.MountsBelow(_scratch.Folder))
            {
                _files.Unmount(mount);
            }
        }

        Assert.Empty(Empty());
        AssertNothingLeft();
        Assert.True(File.Exists(_scratch["outside/file"]));
    }

    [Fact]
    public void What_an_interrupted_run_left_is_removed_too()
    {
        Plant("mkdir -p \"$1/lifted-0/x\" \"$1/lifted-1\" \"$1/lifted-2/y/z\" \"$1/job/a/b/c\"; touch \"$1/lifted-3\"");

        Assert.Empty(Empty());

        AssertNothingLeft();
    }

    [Fact]
    public void It_stops_when_told()
    {
        File.WriteAllText(_scratch["trash/job/file"], "");
        using var folder = _files.OpenDirectory(_scratch["trash"]);

        Assert.Throws<OperationCanceledException>(() => TreeRemoval.Empty(_files, folder, (_, _) => { }, new CancellationToken(canceled: true)));

        Assert.True(File.Exists(_scratch["trash/job/file"]));
    }

    private static string State(params string[] paths) => string.Concat(paths.Select(path => Scratch.Shell("stat -c '%i %y %z %a %u %h' \"$1\"", path)));

    /// <summary>A script with the trash as its first argument.</summary>
    private void Plant(string script, params string[] arguments) => Scratch.Shell(script, [_scratch["trash"], .. arguments]);

    private List<string> Empty()
    {
        var stuck = new List<string>();
        using var folder = _files.OpenDirectory(_scratch["trash"]);
        TreeRemoval.Empty(_files, folder, (name, _) => stuck.Add(name.ToString()), TestContext.Current.CancellationToken);
        return stuck;
    }

    private void AssertNothingLeft()
    {
        using var folder = _files.OpenDirectory(_scratch["trash"]);
        Assert.Empty(_files.List(folder));
    }
}
