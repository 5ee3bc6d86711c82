using MacRunners.Agent;
using MacRunners.Platform.Linux;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Time.Testing;

namespace MacRunners.Tests.Agent;

public sealed class AgentOutputTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly Scratch _scratch = new("/var/lib/macrunners-dev");
    private readonly LinuxFileCalls _files = new();

    public AgentOutputTests() => _files.MakeFifo(Pipe, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    public void Dispose() => _scratch.Dispose();

    private string Pipe => _scratch["pipe"];

    private string Log => _scratch["log"];

    [Fact]
    public async Task Five_megabytes_arrive_complete_in_a_file_of_roots()
    {
        var bytes = RandomBytes(5_000_000);
        using var output = Open(Log, cap: 10_000_000);

        await RunAsync(output, bytes);

        Assert.Equal(bytes, await File.ReadAllBytesAsync(Log, Cancel));
        Assert.Equal(0, output.DroppedBytes);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Log));
    }

    [Fact]
    public async Task Beyond_the_cap_everything_is_read_and_counted()
    {
        var bytes = RandomBytes(1_000_000);
        using var output = Open(Log, cap: 100_001);

        await RunAsync(output, bytes);

        Assert.Equal(bytes[..100_001], await File.ReadAllBytesAsync(Log, Cancel));
        Assert.Equal(899_999, output.DroppedBytes);
    }

    [Fact]
    public async Task Without_a_log_the_agent_is_read_all_the_same()
    {
        using var output = Open(_scratch["missing/log"], cap: 10_000_000);

        await RunAsync(output, RandomBytes(300_000));

        Assert.Equal(300_000, output.DroppedBytes);
    }

    [Fact]
    public async Task On_a_full_disk_the_agent_is_read_all_the_same()
    {
        using var output = Open("/dev/full", cap: 10_000_000);

        await RunAsync(output, RandomBytes(300_000));

        Assert.Equal(300_000, output.DroppedBytes);
    }

    [Fact]
    public async Task What_an_earlier_reader_kept_stays_and_counts()
    {
        await File.WriteAllTextAsync(Log, "before ", Cancel);
        using var output = Open(Log, cap: 10);

        await RunAsync(output, "and after"u8.ToArray());

        Assert.Equal("before and", await File.ReadAllTextAsync(Log, Cancel));
        Assert.Equal(6, output.DroppedBytes);
    }

    [Fact]
    public async Task Before_the_writer_has_ended_an_empty_pipe_is_not_the_end()
    {
        using var output = Open(Log, cap: 1000);
        var pump = output.PumpAsync(Cancel);

        await WriteAsync("first "u8.ToArray());
        await UntilLoggedAsync(6);
        await WriteAsync("second"u8.ToArray());
        output.WriterHasEnded();
        await pump;

        Assert.Equal("first second", await File.ReadAllTextAsync(Log, Cancel));
    }

    [Fact]
    public async Task The_writers_end_cuts_the_pause_between_two_looks_short()
    {
        using var output = new AgentOutput(_files, _files.OpenFifo(Pipe), Log, 1000, new FakeTimeProvider());
        var pump = output.PumpAsync(Cancel);
        await UntilLoggedAsync(0);

        await WriteAsync("last words"u8.ToArray());
        output.WriterHasEnded();

        // No time passes.
        await pump.WaitAsync(Cancel);
        Assert.Equal("last words", await File.ReadAllTextAsync(Log, Cancel));
    }

    [Fact]
    public async Task Who_holds_the_pipe_after_the_agents_end_does_not_block_once_cancelled()
    {
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var output = Open(Log, cap: 1000);
        var pump = output.PumpAsync(abandon.Token);
        await using var holder = new FileStream(Pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        await holder.WriteAsync("held"u8.ToArray(), Cancel);
        await UntilLoggedAsync(4);
        output.WriterHasEnded();
        Assert.False(pump.IsCompleted);

        await abandon.CancelAsync();
        await pump.WaitAsync(Cancel);

        Assert.Equal("held", await File.ReadAllTextAsync(Log, Cancel));
    }

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private AgentOutput Open(string log, long cap) => new(_files, _files.OpenFifo(Pipe), log, cap, TimeProvider.System);

    private async Task RunAsync(AgentOutput output, byte[] bytes)
    {
        var pump = output.PumpAsync(Cancel);
        await WriteAsync(bytes);
        output.WriterHasEnded();
        await pump;
    }

    private async Task WriteAsync(byte[] bytes)
    {
        await using var writer = new FileStream(Pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        await writer.WriteAsync(bytes, Cancel);
    }

    private async Task UntilLoggedAsync(long length)
    {
        while (!File.Exists(Log) || new FileInfo(Log).Length < length)
        {
            Cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
