using System.Diagnostics;
using System.Text.Json;
using MacRunners.Commands;
using MacRunners.Hosting.Control;
using MacRunners.Hosting.Http;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Commands;

/// <summary>What the verbs for operators show.</summary>
public sealed class OperatorTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Status_says_at_a_glance_what_the_machine_does_and_what_is_wrong()
    {
        var job = new Guid("0190f5a4-0000-7000-8000-000000000001");
        var status = new StatusDocument(
            "degraded",
            "draining",
            false,
            "drained since 2026-01-02 (new disk)",
            new StatusDocument.DrainOrder(Now, "new disk"),
            "1.2.3",
            "mac-7",
            42,
            7260,
            new HealthDocument.SlotCount(2, 1),
            [new StatusDocument.Job(job, "run", Now.AddMinutes(-90), Now.AddHours(-3))],
            [new StatusDocument.Ended(job, "finished", Now.AddDays(-3), new Dictionary<string, double> { ["account"] = 0.1234, ["run"] = 60 })],
            [
                new HealthDocument.Check("disk", "degraded", Now.AddSeconds(-7), "4 GiB free", "Free space."),
                new HealthDocument.Check("memory", "healthy", Now, "much", null),
            ]);

        Assert.Equal(
            """
            host      mac-7, macrunners 1.2.3, pid 42, up 2 h
            health    degraded
            state     draining: drained since 2026-01-02 (new disk)
            slots     1 of 2 busy
            disk      degraded for 7 s: 4 GiB free. Free space.
            job       0190f5a4-0000-7000-8000-000000000001  run for 90 min, here for 3 h
            ended     0190f5a4-0000-7000-8000-000000000001  finished 3 d ago  (account 0.12 run 60.00 s)

            """,
            StatusCommand.Text(status, Now));
    }

    [Theory]
    [InlineData("""{"@t":"2026-01-02T03:04:05.1Z","@m":"Ready","@i":"1"}""", "2026-01-02T03:04:05.1Z INF Ready")]
    [InlineData("""{"@t":"2026-01-02T03:04:05.1Z","@m":"a\u001b[2Jb","@l":"Warning"}""", "2026-01-02T03:04:05.1Z WAR a\\x1b[2Jb")]
    [InlineData("""{"@t":"2026-01-02T03:04:05.1Z","@m":"x","@l":"Error","@x":"E: y\n   at z"}""", "2026-01-02T03:04:05.1Z ERR x\nE: y\n   at z")]
    [InlineData("""{"@t":"2026-01""", """{"@t":"2026-01""")]
    public void Events_of_the_log_become_lines(string line, string expected) => Assert.Equal(expected, LogsCommand.Plain(line));

    [Fact]
    public async Task Version_can_be_read_by_scripts()
    {
        using var answer = JsonDocument.Parse(await OutputAsync("version", "--json"));
        Assert.StartsWith($"macrunners {answer.RootElement.GetProperty("version").GetString()}", await OutputAsync("version"));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Every_shell_asks_the_program_itself(string shell) =>
        Assert.Contains("[suggest:", await OutputAsync("completion", shell));

    [Fact]
    public async Task Bash_completes_verbs_and_flags()
    {
        using var folder = new Scratch();
        File.CreateSymbolicLink(folder["macrunners"], HelperVerb.Program);
        await File.WriteAllTextAsync(folder["completion"], await OutputAsync("completion", "bash"), TestContext.Current.CancellationToken);
        const string ask = """
            PATH="$1:$PATH"; . "$1/completion"
            COMP_LINE="$2"; COMP_POINT=${#2}; read -ra COMP_WORDS <<<"$2"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _macrunners; printf '%s\n' "${COMPREPLY[@]}"
            """;
        Assert.Equal("drain\n", Scratch.Shell(ask, folder.Folder, "macrunners dr"));
        Assert.Equal("--timeout\n", Scratch.Shell(ask, folder.Folder, "macrunners drain --ti"));
        Assert.Equal("zsh\n", Scratch.Shell(ask, folder.Folder, "macrunners completion z"));
    }

    [Fact]
    public async Task Zsh_completes_at_the_first_tab_whether_the_script_is_autoloaded_or_sourced()
    {
        Assert.SkipUnless(Scratch.Shell("command -v zsh").Length > 0, "there is no zsh here");
        using var folder = new Scratch();
        File.CreateSymbolicLink(folder["macrunners"], HelperVerb.Program);
        await File.WriteAllTextAsync(folder["_macrunners"], await OutputAsync("completion", "zsh"), TestContext.Current.CancellationToken);

        // What the shell's own completion would define.
        const string ask = """
            zsh -f -c 'path=("$1" $path); fpath=("$1" $fpath); BUFFER="macrunners dr"; CURSOR=13
            compdef() { print -r -- "compdef $*" }
            compadd() { print -rl -- $suggestions }
            eval "$2"; _macrunners' zsh "$1" "$2"
            """;
        Assert.Equal("drain\n", Scratch.Shell(ask, folder.Folder, "autoload -Uz _macrunners"));
        Assert.Equal("compdef _macrunners macrunners\ndrain\n", Scratch.Shell(ask, folder.Folder, "source \"$1/_macrunners\""));
    }

    private static async Task<string> OutputAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(HelperVerb.Program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }
}
