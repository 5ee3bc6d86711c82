using MacRunners.Hosting;
using MacRunners.Platform.Linux;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MacRunners.Tests.Hosting;

public sealed class AgentTokenFileTests : IDisposable
{
    private readonly Scratch _scratch = RootFolder.Create();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(60));
    private readonly AgentTokenFile _token;

    public AgentTokenFileTests() =>
        _token = new AgentTokenFile(_scratch["token"], new LinuxFileCalls(), _time, NullLogger<AgentTokenFile>.Instance);

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void The_token_is_read_without_white_space()
    {
        Put("bkct_one\n");
        Assert.Equal("bkct_one", _token.Current());
    }

    [Fact]
    public void A_rewritten_file_is_read_again()
    {
        Put("one");
        _token.Current();
        Put("two-longer");
        Assert.Equal("two-longer", _token.Current());
    }

    [Fact]
    public void A_file_put_in_its_place_is_read_again()
    {
        Put("one");
        _token.Current();
        Put("two", "new");
        File.SetLastWriteTimeUtc(_scratch["new"], File.GetLastWriteTimeUtc(_scratch["token"]));
        File.Move(_scratch["new"], _scratch["token"], overwrite: true);
        Assert.Equal("two", _token.Current());
    }

    [Theory]
    [InlineData("chmod 0644 $1")]
    [InlineData("chown 12345 $1")]
    [InlineData("rm $1")]
    [InlineData("mv $1 $1.real && ln -s $1.real $1")]
    [InlineData("printf 'two words' > $1")]
    [InlineData(": > $1")]
    [InlineData("head -c 5000 /dev/zero | tr '\\0' x > $1")]
    public void An_unusable_file_is_refused_at_first_and_later_leaves_the_last_good_token(string damage)
    {
        Put("good");
        Scratch.Shell(damage, _scratch["token"]);
        Assert.Throws<AgentTokenException>(_token.Current);

        Scratch.Shell("rm -f $1", _scratch["token"]);
        Put("good");
        Assert.Equal("good", _token.Current());
        Scratch.Shell(damage, _scratch["token"]);
        Assert.Equal("good", _token.Current());
    }

    [Fact]
    public void Its_age_is_the_file_s()
    {
        Assert.Null(_token.Age);
        Put("one");
        File.SetLastWriteTimeUtc(_scratch["token"], _time.GetUtcNow().UtcDateTime.AddDays(-3));
        _token.Current();
        Assert.Equal(TimeSpan.FromDays(3), _token.Age);
    }

    private void Put(string text, string name = "token")
    {
        File.WriteAllText(_scratch[name], text);
        File.SetUnixFileMode(_scratch[name], UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
