using MacRunners.Jobs;
using MacRunners.Platform.Linux;
using MacRunners.Settings;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace MacRunners.Tests.Jobs;

public sealed class AdmissionTests : IDisposable
{
    private readonly Scratch _state = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _state.Dispose();

    [Fact]
    public void An_order_holds_over_restarts_with_its_first_time_and_reason_until_it_is_taken_back()
    {
        var first = New();
        var since = _time.GetUtcNow();
        first.Close("new disk");
        _time.Advance(TimeSpan.FromHours(1));
        first.Close("another reason");

        var second = New();
        Assert.Equal(new Drain(since, "new disk"), second.Drained);
        Assert.Contains("new disk", second.WhyNot);
        Assert.Null(second.TryEnterJob());

        second.Open();
        Assert.Null(second.WhyNot);
        Assert.Null(New().Drained);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_state.Folder));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"since\":")]
    [InlineData("nonsense")]
    [InlineData("null")]
    public void An_order_that_cannot_be_read_is_followed(string content)
    {
        File.WriteAllText(_state[Admission.FileName], content);
        var admission = New();
        Assert.Null(admission.TryEnterJob());
        Assert.Contains(Admission.FileName, admission.WhyNot);
        admission.Open();
        Assert.NotNull(admission.TryEnterJob());
    }

    [Fact]
    public void An_order_that_finds_no_room_is_followed_and_written_down_when_it_is_given_again()
    {
        using var disk = new SmallDisk();
        var admission = New(disk.Folder);
        disk.Fill();

        var refusal = Assert.Throws<IOException>(() => admission.Close("new disk"));

        Assert.Contains("No space left", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("only until the daemon ends", refusal.Message, StringComparison.Ordinal);
        Assert.Null(admission.TryEnterJob());
        Assert.Null(New(disk.Folder).Drained);

        disk.Empty();
        admission.Close("again");
        Assert.Equal("new disk", New(disk.Folder).Drained?.Reason);
    }

    [Fact]
    public void The_order_is_for_root_alone_to_read_and_to_change()
    {
        New().Close("x");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_state[Admission.FileName]));
    }

    [Fact]
    public void While_the_machine_is_held_nothing_begins_and_nobody_else_holds_it()
    {
        var admission = New();
        var hold = admission.TryHold("a sweep is under way")!;
        Assert.Equal("a sweep is under way", admission.WhyNot);
        Assert.Null(admission.TryEnterJob());
        Assert.Null(admission.TryEnterTest());
        Assert.Null(admission.TryHold("me too"));

        hold.Dispose();
        hold.Dispose();
        Assert.NotNull(admission.TryEnterJob());
        Assert.NotNull(admission.TryHold("me too"));
    }

    [Fact]
    public void The_machine_is_quiet_only_when_everything_that_entered_has_left()
    {
        var admission = New();
        var job = admission.TryEnterJob()!;
        var test = admission.TryEnterTest()!;
        job.Dispose();
        job.Dispose();
        Assert.False(admission.IsQuiet);
        test.Dispose();
        Assert.True(admission.IsQuiet);
    }

    [Fact]
    public void Every_change_is_signalled()
    {
        var admission = New();
        foreach (var change in (Action[])[() => admission.Close("x"), admission.Open, () => admission.TryHold("x")!.Dispose()])
        {
            var changed = admission.Changed;
            Assert.False(changed.IsCompleted);
            change();
            Assert.True(changed.IsCompleted);
        }
    }

    private Admission New(string? state = null) => new(Options.Create(new PathsOptions { State = state ?? _state.Folder }), new LinuxFileCalls(), _time, NullLogger<Admission>.Instance);
}
