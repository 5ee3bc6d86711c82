using MacRunners.Platform;

namespace MacRunners.Tests.Platform;

/// <summary>What every implementation of the file calls must do.</summary>
public abstract class FileCallsContract : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly IFileCalls _files;

    private protected FileCallsContract(IFileCalls files) => _files = files;

    public void Dispose()
    {
        _scratch.Dispose();
        GC.SuppressFinalize(this);
    }

    public static TheoryData<byte[]> OddNames => new()
    {
        "with\nnewline and \x1b[31m"u8.ToArray(),
        Enumerable.Repeat((byte)'x', 255).ToArray(),
        new byte[] { 0xff, 0xfe, (byte)'a', 0x80 },
        "-rf"u8.ToArray(),
        "..."u8.ToArray(),
    };

    [Theory]
    [MemberData(nameof(OddNames))]
    public void An_entry_with_an_odd_name_is_made_listed_renamed_and_removed(byte[] bytes)
    {
        var name = FileName.From(bytes);
        using var folder = _files.OpenDirectory(_scratch.Folder);
        using (_files.MakeDirectory(folder, name, UnixFileMode.UserRead, 0, 0))
        {
        }

        Assert.Equal(name, Assert.Single(_files.List(folder)));
        Assert.Equal(FileKind.Directory, _files.Stat(folder, name)?.Kind);
        _files.Rename(folder, name, folder, "plain");
        _files.Rename(folder, "plain", folder, name);
        Assert.True(_files.RemoveDirectory(folder, name));
        Assert.False(_files.RemoveDirectory(folder, name));
        Assert.Empty(_files.List(folder));
    }

    [Fact]
    public void A_directory_has_exactly_the_mode_and_owner_asked_for()
    {
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        using var folder = _files.OpenDirectory(_scratch.Folder);
        using var made = _files.MakeDirectory(folder, "home", mode, 812345, 812346);

        var status = _files.Stat(made);

        Assert.Equal((mode, 812345u, 812346u), (status.Mode, status.Uid, status.Gid));
        Assert.Equal(status, _files.Stat(folder, "home"));
        Assert.Equal(PosixError.Exists, Assert.Throws<PosixException>(() => _files.MakeDirectory(folder, "home", mode, 0, 0)).Error);

        _files.GiveAway(made, UnixFileMode.UserRead, 812347, 812348);
        Assert.Equal(status with { Mode = UnixFileMode.UserRead, Uid = 812347, Gid = 812348 }, _files.Stat(folder, "home"));
    }

    [Fact]
    public void A_link_is_refused_wherever_it_stands_in_the_path()
    {
        Directory.CreateDirectory(_scratch["real/below"]);
        File.CreateSymbolicLink(_scratch["link"], _scratch["real"]);
        using var folder = _files.OpenDirectory(_scratch.Folder);

        Assert.Equal(PosixError.IsALink, Assert.Throws<PosixException>(() => _files.OpenDirectory(folder, "link")).Error);
        Assert.Equal(PosixError.IsALink, Assert.Throws<PosixException>(() => _files.OpenDirectory(_scratch["link"])).Error);
        Assert.Equal(PosixError.IsALink, Assert.Throws<PosixException>(() => _files.OpenDirectory(_scratch["link/below"])).Error);
        Assert.Equal(FileKind.Link, _files.Stat(folder, "link")?.Kind);
        Assert.True(_files.Unlink(folder, "link"));
        Assert.True(Directory.Exists(_scratch["real/below"]));
    }

    [Fact]
    public void A_file_is_no_directory_and_what_is_absent_is_told_apart()
    {
        File.WriteAllText(_scratch["file"], "");
        using var folder = _files.OpenDirectory(_scratch.Folder);

        Assert.Equal(PosixError.NotADirectory, Assert.Throws<PosixException>(() => _files.OpenDirectory(folder, "file")).Error);
        Assert.Equal(PosixError.NotFound, Assert.Throws<PosixException>(() => _files.OpenDirectory(folder, "nothing")).Error);
        Assert.Null(_files.Stat(folder, "nothing"));
        Assert.False(_files.Unlink(folder, "nothing"));
    }

    [Fact]
    public void Renaming_never_replaces()
    {
        File.WriteAllText(_scratch["a"], "a");
        File.WriteAllText(_scratch["b"], "b");
        using var folder = _files.OpenDirectory(_scratch.Folder);

        Assert.Equal(PosixError.Exists, Assert.Throws<PosixException>(() => _files.Rename(folder, "a", folder, "b")).Error);
        Assert.Equal("b", File.ReadAllText(_scratch["b"]));
    }

    [Fact]
    public void Renaming_to_another_file_system_says_so()
    {
        using var elsewhere = new Scratch("/dev/shm");
        File.WriteAllText(_scratch["a"], "a");
        using var from = _files.OpenDirectory(_scratch.Folder);
        using var to = _files.OpenDirectory(elsewhere.Folder);

        Assert.Equal(PosixError.OtherDevice, Assert.Throws<PosixException>(() => _files.Rename(from, "a", to, "a")).Error);
    }

    [Fact]
    public void Listing_starts_afresh_each_time_and_keeps_to_its_limit()
    {
        for (var i = 0; i < 3000; i++)
        {
            File.WriteAllText(_scratch[$"{i:d4}-{new string('n', 60)}"], "");
        }

        using var folder = _files.OpenDirectory(_scratch.Folder);

        Assert.Equal(10, _files.List(folder, 10).Count);
        Assert.Equal(3000, _files.List(folder).Distinct().Count());
        Assert.Equal(3000, _files.List(folder).Count);
    }

    [Fact]
    public void Kinds_are_listed_as_a_look_at_each_says()
    {
        Scratch.Shell($"cd '{_scratch.Folder}' && mkdir folder && touch file && ln -s folder link && mkfifo fifo && mknod device c 1 3");
        using var folder = _files.OpenDirectory(_scratch.Folder);

        var listed = _files.ListKinds(folder);

        Assert.Equal(5, listed.Count);
        Assert.All(listed, file => Assert.Equal(_files.Stat(folder, file.Name)!.Value.Kind, file.Kind));
    }

    [Fact]
    public void A_directory_that_was_removed_while_open_lists_nothing()
    {
        using var folder = _files.OpenDirectory(_scratch.Folder);
        using var made = _files.MakeDirectory(folder, "gone", UnixFileMode.UserRead, 0, 0);
        Assert.True(_files.RemoveDirectory(folder, "gone"));

        Assert.Empty(_files.List(made));
    }

    [Fact]
    public void A_full_directory_is_not_removed()
    {
        Directory.CreateDirectory(_scratch["full/inner"]);
        using var folder = _files.OpenDirectory(_scratch.Folder);

        Assert.Equal(PosixError.NotEmpty, Assert.Throws<PosixException>(() => _files.RemoveDirectory(folder, "full")).Error);
    }

    [Theory]
    [InlineData("i")]
    [InlineData("a")]
    public void Immutable_and_append_only_entries_can_be_removed_once_their_flags_are_cleared(string flag)
    {
        Directory.CreateDirectory(_scratch["folder"]);
        File.WriteAllText(_scratch["file"], "");
        Scratch.Shell("chattr +\"$1\" \"$2\" \"$3\"", flag, _scratch["folder"], _scratch["file"]);
        using var folder = _files.OpenDirectory(_scratch.Folder);
        Assert.True(_files.Stat(folder, "file")?.HasFlags);
        Assert.Equal(PosixError.NotPermitted, Assert.Throws<PosixException>(() => _files.Unlink(folder, "file")).Error);

        var seen = _files.Stat(folder, "file")!.Value;
        _files.ClearFlags(folder, "file", seen);
        _files.ClearFlags(folder, "folder", _files.Stat(folder, "folder")!.Value);
        _files.ClearFlags(folder, "absent", seen);

        Assert.False(_files.Stat(folder, "file")?.HasFlags);
        Assert.True(_files.Unlink(folder, "file"));
        Assert.True(_files.RemoveDirectory(folder, "folder"));
    }

    [Fact]
    public void Clearing_flags_neither_opens_a_fifo_nor_follows_a_link()
    {
        File.WriteAllText(_scratch["target"], "");
        File.CreateSymbolicLink(_scratch["link"], _scratch["target"]);
        _files.MakeFifo(_scratch["fifo"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Scratch.Shell("chattr +i \"$1\"", _scratch["target"]);
        using var folder = _files.OpenDirectory(_scratch.Folder);

        _files.ClearFlags(folder, "fifo", _files.Stat(folder, "fifo")!.Value);
        _files.ClearFlags(folder, "link", _files.Stat(folder, "link")!.Value);

        Assert.True(_files.Stat(folder, "target")?.HasFlags);
    }

    [Fact]
    public void Another_file_that_has_taken_the_name_keeps_its_flags()
    {
        File.WriteAllText(_scratch["planted"], "");
        File.WriteAllText(_scratch["other"], "");
        using var folder = _files.OpenDirectory(_scratch.Folder);
        var seen = _files.Stat(folder, "planted")!.Value;
        Scratch.Shell("mv \"$1\" \"$1.away\" && mv \"$2\" \"$1\" && chattr +i \"$1\"", _scratch["planted"], _scratch["other"]);

        var refused = Assert.Throws<PosixException>(() => _files.ClearFlags(folder, "planted", seen));

        Assert.Contains("exchanged", refused.Message, StringComparison.Ordinal);
        Assert.True(_files.Stat(folder, "planted")?.HasFlags);
    }

    [Fact]
    public void A_fifo_tells_nothing_yet_from_nobody_writes()
    {
        _files.MakeFifo(_scratch["fifo"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var fifo = _files.OpenFifo(_scratch["fifo"]);
        var buffer = new byte[100];
        Assert.Equal(0, _files.ReadFifo(fifo, buffer));

        using (var writer = new FileStream(_scratch["fifo"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            Assert.Equal(-1, _files.ReadFifo(fifo, buffer));
            writer.Write("line"u8);
            writer.Flush();
            Assert.Equal(4, _files.ReadFifo(fifo, buffer));
        }

        Assert.Equal("line"u8, buffer.AsSpan(0, 4));
        Assert.Equal(0, _files.ReadFifo(fifo, buffer));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(_scratch["fifo"]));
    }

    [Fact]
    public void A_fifo_has_exactly_the_mode_and_owner_asked_for()
    {
        _files.MakeFifo(_scratch["fifo"], UnixFileMode.UserRead, 812345, 812346);
        using var folder = _files.OpenDirectory(_scratch.Folder);

        var status = _files.Stat(folder, "fifo")!.Value;

        Assert.Equal((UnixFileMode.UserRead, 812345u, 812346u), (status.Mode, status.Uid, status.Gid));
        Assert.Equal(PosixError.Exists, Assert.Throws<PosixException>(() => _files.MakeFifo(_scratch["fifo"], UnixFileMode.UserRead)).Error);
    }

    [Fact]
    public void A_fifo_is_opened_to_write_once_somebody_reads_and_what_is_written_outlives_the_writer_and_the_name()
    {
        _files.MakeFifo(_scratch["fifo"], UnixFileMode.UserRead);
        Assert.Null(_files.OpenFifoToWrite(_scratch["fifo"]));
        using var reader = _files.OpenFifo(_scratch["fifo"]);

        using (var writer = _files.OpenFifoToWrite(_scratch["fifo"])!)
        {
            File.Delete(_scratch["fifo"]);
            _files.WriteFifo(writer, "token"u8);
        }

        var buffer = new byte[100];
        Assert.Equal(5, _files.ReadFifo(reader, buffer));
        Assert.Equal("token"u8, buffer.AsSpan(0, 5));
        Assert.Equal(0, _files.ReadFifo(reader, buffer));
    }

    [Fact]
    public void A_fifo_that_is_absent_a_link_without_reader_or_full_is_not_written_to()
    {
        _files.MakeFifo(_scratch["fifo"], UnixFileMode.UserRead);
        File.CreateSymbolicLink(_scratch["link"], _scratch["fifo"]);
        Assert.Equal(PosixError.NotFound, Assert.Throws<PosixException>(() => _files.OpenFifoToWrite(_scratch["absent"])).Error);
        var reader = _files.OpenFifo(_scratch["fifo"]);
        Assert.Equal(PosixError.IsALink, Assert.Throws<PosixException>(() => _files.OpenFifoToWrite(_scratch["link"])).Error);
        using var writer = _files.OpenFifoToWrite(_scratch["fifo"])!;

        Assert.Throws<PosixException>(() => _files.WriteFifo(writer, new byte[10_000_000]));
        Assert.Throws<PosixException>(() => _files.WriteFifo(writer, "more"u8));
        reader.Dispose();
        Assert.Throws<PosixException>(() => _files.WriteFifo(writer, "nobody"u8));
    }

    [Fact]
    public void How_many_files_there_is_room_for_is_known()
    {
        Directory.CreateDirectory(_scratch["small"]);
        Scratch.Shell("mount -t tmpfs -o nr_inodes=100 none \"$1\" && touch \"$1/one\" \"$1/two\"", _scratch["small"]);
        try
        {
            // The top is one of them.
            Assert.Equal(97, _files.FreeInodes(_scratch["small"]));
            Assert.Throws<PosixException>(() => _files.FreeInodes(_scratch["absent"]));
        }
        finally
        {
            Scratch.Shell("umount \"$1\"", _scratch["small"]);
        }
    }

    [Fact]
    public void Mounts_are_found_deepest_first_and_unmounted_even_when_busy()
    {
        const string odd = "m n\\t";
        Directory.CreateDirectory(_scratch[odd]);
        try
        {
            Scratch.Shell("mount -t tmpfs none \"$1\" && mkdir \"$1/in\" && mount -t tmpfs none \"$1/in\"", _scratch[odd]);
            using var busy = File.Create(Path.Combine(_scratch[odd], "in", "busy"));

            Assert.Equal([Path.Combine(_scratch[odd], "in"), _scratch[odd]], _files.MountsBelow(_scratch.Folder).Select(mount => mount.Point));
            foreach (var mount in _files.MountsBelow(_scratch.Folder))
            {
                _files.Unmount(mount);
            }

            Assert.Empty(_files.MountsBelow(_scratch.Folder));
        }
        finally
        {
            Scratch.Shell("umount -l \"$1/in\" \"$1\"", _scratch[odd]);
        }
    }

    [Fact]
    public void Nothing_else_is_unmounted_where_what_was_listed_has_been_exchanged_for_it()
    {
        Directory.CreateDirectory(_scratch["system/volume"]);
        Directory.CreateDirectory(_scratch["job/volume"]);
        var here = Directory.GetCurrentDirectory();
        try
        {
            Scratch.Shell("mount -t tmpfs none \"$1\" && mount -t tmpfs none \"$2\"", _scratch["system/volume"], _scratch["job/volume"]);
            var jobs = Assert.Single(_files.MountsBelow(_scratch["job"]));
            var systems = Assert.Single(_files.MountsBelow(_scratch["system"]));
            Scratch.Shell("umount \"$1/volume\" && mv \"$1\" \"$1.away\" && mv \"$2\" \"$1\"", _scratch["job"], _scratch["system"]);

            foreach (var letGo in (bool[])[false, true])
            {
                Assert.Throws<PosixException>(() => _files.Unmount(jobs, letGo));
                Assert.Equal([jobs.Point], _files.MountsBelow(_scratch.Folder).Select(mount => mount.Point));
            }

            _files.Unmount(systems with { Point = jobs.Point }, letGo: true);
            Assert.Empty(_files.MountsBelow(_scratch.Folder));
            Assert.Equal(here, Directory.GetCurrentDirectory());
        }
        finally
        {
            Scratch.Shell("umount \"$1\" \"$2\" || true", _scratch["system/volume"], _scratch["job/volume"]);
        }
    }

    [Fact]
    public void A_link_on_the_way_leads_to_no_mount()
    {
        Directory.CreateDirectory(_scratch["system/volume"]);
        Directory.CreateDirectory(_scratch["job/volume"]);
        try
        {
            Scratch.Shell("mount -t tmpfs none \"$1\" && mount -t tmpfs none \"$2\"", _scratch["system/volume"], _scratch["job/volume"]);
            var jobs = Assert.Single(_files.MountsBelow(_scratch["job"]));
            Scratch.Shell("umount \"$1/volume\" && rm -d \"$1/volume\" \"$1\" && ln -s \"$2\" \"$1\"", _scratch["job"], _scratch["system"]);

            Assert.Throws<PosixException>(() => _files.Unmount(jobs, letGo: true));

            Assert.Equal([_scratch["system/volume"]], _files.MountsBelow(_scratch.Folder).Select(mount => mount.Point));
        }
        finally
        {
            Scratch.Shell("umount \"$1\" || true", _scratch["system/volume"]);
        }
    }
}
