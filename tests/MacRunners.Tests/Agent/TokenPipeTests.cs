using System.Diagnostics;
using MacRunners.Agent;
using MacRunners.Hosting;
using MacRunners.Platform.Linux;
using MacRunners.Tests.Jobs;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace MacRunners.Tests.Agent;

/// <summary>The agent token can be read once, by the job's number alone, and then its place is gone.</summary>
public sealed class TokenPipeTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly Scratch _scratch = new("/var/lib/macrunners-dev");
    private readonly LinuxFileCalls _files = new();
    private readonly uint _uid = TestNumbers.Next();
    private readonly IAgentToken _token = Substitute.For<IAgentToken>();
    private readonly CancellationTokenSource _over = new();

    public TokenPipeTests()
    {
        // As the daemon's: to be passed through by everybody.
        File.SetUnixFileMode(_scratch.Folder, (UnixFileMode)0b111_001_001);
        _token.Current().Returns("bkct_secret");
        TokenPipe.Make(_files, Name, _uid);
    }

    public void Dispose()
    {
        _over.Dispose();
        _scratch.Dispose();
    }

    private string Name => _scratch["token"];

    [Fact]
    public async Task The_jobs_number_reads_it_once_and_the_name_is_gone()
    {
        var handOver = Pipe(TimeProvider.System).HandOverAsync(Limit, Cancel);

        Assert.Equal("token=\"bkct_secret\"\n", await ReadAsync(_uid));

        await handOver;
        Assert.False(File.Exists(Name));
        Assert.Equal("", await ReadAsync(_uid));
        _ = _token.Received(1).Current();
    }

    [Fact]
    public async Task Another_number_cannot_open_it_nor_see_its_name()
    {
        using var time = new SteppedTime();
        var handOver = Pipe(time).HandOverAsync(Limit, _over.Token);
        await time.UntilWaitingAsync();

        const string look = "setpriv --reuid \"$2\" --clear-groups test -r \"$1\" && echo readable";
        Assert.Equal("readable\n", Scratch.Shell(look, Name, $"{_uid}"));
        Assert.Equal("", Scratch.Shell(look, Name, $"{TestNumbers.Next()}"));
        Assert.Equal("", Scratch.Shell(look, _scratch.Folder, $"{_uid}"));
        time.Advance(TimeSpan.FromSeconds(1));
        await time.UntilWaitingAsync();

        await _over.CancelAsync();
        await handOver;
        _ = _token.DidNotReceive().Current();
    }

    [Fact]
    public async Task Who_does_not_ask_within_the_limit_gets_nothing_and_the_name_is_gone()
    {
        using var time = new SteppedTime();
        var handOver = Pipe(time).HandOverAsync(Limit, Cancel);
        await time.UntilWaitingAsync();
        Assert.True(File.Exists(Name));

        time.Advance(Limit);
        await handOver;

        Assert.False(File.Exists(Name));
        _ = _token.DidNotReceive().Current();
    }

    [Fact]
    public async Task After_the_agents_end_the_name_is_gone()
    {
        using var time = new SteppedTime();
        var handOver = Pipe(time).HandOverAsync(Limit, _over.Token);
        await time.UntilWaitingAsync();

        await _over.CancelAsync();
        await handOver;

        Assert.False(File.Exists(Name));
        _ = _token.DidNotReceive().Current();
    }

    [Fact]
    public async Task A_limit_that_has_passed_before_the_beginning_hands_nothing_over()
    {
        await Pipe(TimeProvider.System).HandOverAsync(TimeSpan.FromSeconds(-1), Cancel);

        Assert.False(File.Exists(Name));
        _ = _token.DidNotReceive().Current();
    }

    [Theory]
    [InlineData("bkct_\"quoted")]
    [InlineData("bkct_'quoted")]
    [InlineData("bkct_#comment")]
    [InlineData("bkct_\\n")]
    [InlineData("bkct_\nspawn=2")]
    [InlineData("bkct_ä")]
    [InlineData(null)]
    public async Task A_token_that_cannot_be_had_or_written_leaves_the_agent_with_an_empty_file(string? token)
    {
        _ = token is null ? _token.Current().Returns(_ => throw new AgentTokenException("it is gone")) : _token.Current().Returns(token);
        var handOver = Pipe(TimeProvider.System).HandOverAsync(Limit, Cancel);

        Assert.Equal("", await ReadAsync(_uid));

        await handOver;
        Assert.False(File.Exists(Name));
    }

    [Fact]
    public void What_an_earlier_attempt_left_is_made_anew()
    {
        File.Delete(Name);
        File.WriteAllText(Name, "left behind");

        TokenPipe.Make(_files, Name, _uid);

        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(Name));
        Assert.Null(_files.OpenFifoToWrite(Name));
    }

    private TokenPipe Pipe(TimeProvider time) => new(_files, Name, _token, time, NullLogger.Instance);

    // As an agent reads it: opened once, to the end. Empty when it cannot be opened.
    private async Task<string> ReadAsync(uint uid)
    {
        using var reader = Process.Start(new ProcessStartInfo("/usr/bin/setpriv", ["--reuid", $"{uid}", "--clear-groups", "/bin/cat", Name])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = reader.StandardError.ReadToEndAsync(Cancel);
        var text = await reader.StandardOutput.ReadToEndAsync(Cancel);
        await reader.WaitForExitAsync(Cancel);
        _ = await error;
        return text;
    }
}
