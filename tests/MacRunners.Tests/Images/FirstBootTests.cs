using System.Diagnostics;
using MacRunners.Tests.Packaging;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Images;

/// <summary>A new VM takes the name that the cluster gave it.</summary>
public sealed class FirstBootTests : IAsyncLifetime
{
    private static readonly string[] Kinds = ["ComputerName", "HostName", "LocalHostName"];

    private MacImage _image = null!;

    public async ValueTask InitializeAsync() => _image = await MacImage.CreateAsync();

    public async ValueTask DisposeAsync() => await _image.DisposeAsync();

    [Theory]
    [InlineData("bun-15-7f3a")]
    [InlineData("\"bun-15-7f3a\"")]
    public void It_takes_the_name_and_does_nothing_when_it_has_it(string answer)
    {
        Serve(answer);

        var first = Boot();
        var calls = _image.Calls.Count(call => call.Contains("--set", StringComparison.Ordinal));
        var second = Boot();

        Assert.True(first.ExitCode == 0 && second.ExitCode == 0, first.Output + second.Output);
        Assert.All(Kinds, kind => Assert.Equal("bun-15-7f3a\n", File.ReadAllText(_image[$"state/{kind}"])));
        Assert.Equal(3, calls);
        Assert.Equal(3, _image.Calls.Count(call => call.Contains("--set", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("-x")]
    [InlineData("$(touch /tmp/x)")]
    [InlineData("<html>")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void What_is_no_name_is_refused_and_not_repeated(string answer)
    {
        Serve(answer);

        var (exitCode, output, _) = Boot();

        Assert.Equal(1, exitCode);
        Assert.Contains("orka_vm_name is", output, StringComparison.Ordinal);
        Assert.DoesNotContain(_image.Calls, call => call.StartsWith("scutil", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_nobody_answers_it_ends_in_its_time_and_the_name_stays()
    {
        var began = Stopwatch.GetTimestamp();

        var (exitCode, output, _) = Boot();

        Assert.Equal(0, exitCode);
        Assert.Contains("The name stays", output, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.DoesNotContain(_image.Calls, call => call.StartsWith("scutil", StringComparison.Ordinal));
    }

    [Fact]
    public void The_bootstrap_puts_it_where_launchd_finds_it()
    {
        Assert.Equal(0, _image.Bootstrap().ExitCode);

        var list = _image["Library/LaunchDaemons/com.macrunners.first-boot.plist"];
        var program = Scratch.Shell("python3 -c 'import plistlib, sys; list = plistlib.load(open(sys.argv[1], \"rb\")); print(list[\"ProgramArguments\"][1], list[\"RunAtLoad\"], \"KeepAlive\" in list)' \"$1\"", list).Trim();
        Assert.Equal("/opt/macrunners/image/first-boot.sh True False", program);
        Assert.Equal(
            File.ReadAllText(RepositoryRoot.PathOf("packaging", "scripts", "first-boot.sh")), File.ReadAllText(_image["opt/macrunners/image/first-boot.sh"]));
        Assert.Equal("0 755\n0 644\n", Scratch.Shell("stat -c '%u %a' \"$1\" \"$2\"", _image["opt/macrunners/image/first-boot.sh"], list));
    }

    private void Serve(string answer)
    {
        File.WriteAllText(_image["made/orka_vm_name"], answer);
        _image.Server.Serve(_image["made/orka_vm_name"]);
    }

    private (int ExitCode, string Output, string Error) Boot()
    {
        _image.Variables["ORKA_METADATA"] = _image.Server.Address;
        _image.Variables["ORKA_METADATA_PATIENCE"] = "2";
        return _image.Run("first-boot.sh");
    }
}
