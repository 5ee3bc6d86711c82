using System.Diagnostics;
using System.Globalization;
using MacRunners.Commands;
using MacRunners.Platform.Linux;
using MacRunners.Tests.Platform;
using MacRunners.Tests.Platform.Linux;
using MacRunners.Tests.Platform.MacOS;

namespace MacRunners.Tests.Commands;

public sealed class ExecAsTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly Scratch _scratch = new();
    private readonly uint _id = TestNumbers.Next();
    private readonly FileStream _output;

    public ExecAsTests()
    {
        var files = new LinuxFileCalls();
        using var folder = files.OpenDirectory(_scratch.Folder);
        using (files.MakeDirectory(folder, "home", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, _id, _id))
        {
        }

        files.MakeFifo(_scratch["output"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _output = new FileStream(_scratch["output"], FileMode.Open, FileAccess.ReadWrite);
    }

    public void Dispose()
    {
        _output.Dispose();
        _scratch.Dispose();
    }

    [Theory]
    [InlineData(HelperPlatformChoice.Linux)]
    [InlineData(HelperPlatformChoice.MacOS)]
    public async Task Nothing_of_root_is_left_in_the_program(string platform)
    {
        // A parent that has everything a careless one could hand down: ignored and blocked signals, open files, a mask,
        // a variable, groups.
        const string parent = """
            trap '' HUP INT PIPE
            umask 0
            exec 5</etc/shadow 6<>/dev/null
            exec env -i A=1 'B=x y' "$@"
            """;
        const string child = """
            echo "pid $$ $(ps -o sid= -p $$) $(ps -o pgid= -p $$)"
            grep -E '^(Uid|Gid|Groups|SigBlk|SigIgn|SigCgt|CapInh|CapPrm|CapEff|CapAmb):' /proc/self/status
            echo "limits $(ulimit -n) $(ulimit -Hn) $(ulimit -u) $(ulimit -Hu) $(ulimit -c) $(ulimit -Hc)"
            echo "umask $(umask)"
            echo "cwd $(pwd -P)"
            for file in {3..1000}; do [ -e /proc/$$/fd/$file ] && echo "open $file"; done
            echo "stdin $(readlink /proc/$$/fd/0)"
            tr '\0' '\n' < /proc/$$/environ | sed 's/^/env /'
            echo END
            """;
        string[] variables = [.. HelperPlatformChoice.Environment(platform).Select(variable => $"{variable.Key}={variable.Value}")];
        using var process = Process.Start(new ProcessStartInfo("/bin/bash",
            ["-c", parent, "test", .. variables, HelperVerb.Program, ExecAsCommand.Verb, .. HelperPlatformChoice.Options(platform), .. Arguments("/bin/bash", "-c", child)]))!;

        var said = await OutputAsync();

        Assert.Contains($"pid {process.Id} {process.Id} {process.Id}", Squeezed(said));
        Assert.Contains($"Uid: {_id} {_id} {_id} {_id}", Squeezed(said));
        Assert.Contains($"Gid: {_id} {_id} {_id} {_id}", Squeezed(said));
        Assert.Contains($"Groups: {_id}", Squeezed(said));
        foreach (var empty in new[] { "SigBlk", "CapInh", "CapPrm", "CapEff", "CapAmb" })
        {
            Assert.Contains($"{empty}: 0000000000000000", Squeezed(said));
        }

        // Signals 32 and 33 are the C library's own; nobody but it can set them (make, for one, leaves them ignored).
        const ulong reserved = 0x180000000;
        var ignored = Squeezed(said).Single(line => line.StartsWith("SigIgn: ", StringComparison.Ordinal))["SigIgn: ".Length..];
        Assert.Equal(0UL, ulong.Parse(ignored, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & ~reserved);

        Assert.Contains("limits 4096 4096 300 300 0 0", said);
        Assert.Contains("umask 0077", said);
        Assert.Contains($"cwd {_scratch["home"]}", said);
        Assert.Contains("stdin /dev/null", said);
        Assert.DoesNotContain(said, line => line.StartsWith("open ", StringComparison.Ordinal));
        Assert.Equal([.. variables.Select(variable => "env " + variable).Prepend("env B=x y").Prepend("env A=1")], said.Where(line => line.StartsWith("env ", StringComparison.Ordinal)).Order());
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(0, process.ExitCode);
    }

    [Theory]
    [InlineData(HelperPlatformChoice.Linux)]
    [InlineData(HelperPlatformChoice.MacOS)]
    public async Task Who_writes_a_file_beyond_its_limit_is_killed_and_without_a_limit_nobody_is(string platform)
    {
        const string writes = "head -c 1048577 /dev/zero >big; echo $?; stat -c %s big; echo END";
        string[] parts = [.. HelperPlatformChoice.Options(platform), .. Arguments("/bin/bash", "-c", writes)];

        await HelperVerb.RunAsync(HelperPlatformChoice.Environment(platform), ExecAsCommand.Verb, ["--file-size", "1048576", .. parts]);
        Assert.Equal([$"{128 + 25}", "1048576"], (await OutputAsync()).Where(line => line.All(char.IsDigit)));

        await HelperVerb.RunAsync(HelperPlatformChoice.Environment(platform), ExecAsCommand.Verb, parts);
        Assert.Equal(["0", "1048577"], (await OutputAsync()).Where(line => line.All(char.IsDigit)));
    }

    [Theory]
    [InlineData(null, "0")]
    [InlineData("disclaim", "0")]
    [InlineData("inherit", "1")]
    public async Task On_macOS_the_program_and_its_descendants_answer_for_themselves(string? grants, string expected)
    {
        // How the emulated system knows it.
        string[] parts = [.. HelperPlatformChoice.Options(HelperPlatformChoice.MacOS), .. Arguments("/bin/bash", "-c", "grep THP_enabled /proc/self/status; echo END")];
        string[] chosen = grants is null ? [] : ["--grants", grants];

        await HelperVerb.RunAsync(HelperPlatformChoice.Environment(HelperPlatformChoice.MacOS), ExecAsCommand.Verb, [.. chosen, .. parts]);

        Assert.Equal($"THP_enabled: {expected}", Assert.Single(Squeezed(await OutputAsync()), line => line.StartsWith("THP", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(null, ExecAsCommand.ExitFailed)]
    [InlineData("disclaim", ExecAsCommand.ExitFailed)]
    [InlineData("inherit", 0)]
    public async Task A_macOS_that_has_no_call_to_disclaim_starts_nothing_unless_told_to_inherit(string? grants, int expected)
    {
        var library = await File.ReadAllBytesAsync(Path.Combine(EmulatedMac.Programs, "libSystem.dylib"), Cancel);
        var call = "responsibility_spawnattrs_setdisclaim"u8.ToArray();
        for (int at, from = 0; (at = library.AsSpan(from).IndexOf(call)) >= 0; from += at + call.Length)
        {
            library[from + at] = (byte)'x';
        }

        await File.WriteAllBytesAsync(_scratch["libSystem.dylib"], library, Cancel);
        string[] chosen = grants is null ? [] : ["--grants", grants];

        var (code, _) = await HelperVerb.RunAsync(
            new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = _scratch.Folder },
            ExecAsCommand.Verb,
            [.. chosen, .. HelperPlatformChoice.Options(HelperPlatformChoice.MacOS), .. Arguments("/bin/echo", "runs")]);

        Assert.Equal(expected, code);
        Assert.Matches(expected == 0 ? "^runs$" : "has no responsibility_spawnattrs_setdisclaim.*Agent:InheritGrants accepts that$", await LineAsync());
    }

    [Theory]
    [InlineData("disclaim", ExecAsCommand.ExitCannotExecute)]
    [InlineData("inherit", 0)]
    public async Task A_macOS_that_refuses_to_disclaim_starts_nothing_unless_told_to_inherit(string grants, int expected)
    {
        // Fails prctl(PR_SET_THP_DISABLE), by which the emulated system knows it, with EINVAL; by a filter, as containers do.
        const string parent = """
            import ctypes, os, struct, sys
            prctl = 157 if os.uname().machine == "x86_64" else 167
            code = b"".join(struct.pack("HBBI", *step) for step in [
                (0x20, 0, 0, 0), (0x15, 0, 3, prctl), (0x20, 0, 0, 16), (0x15, 0, 1, 41), (0x06, 0, 0, 0x50000 | 22), (0x06, 0, 0, 0x7fff0000)])
            steps = ctypes.create_string_buffer(code, len(code))
            program = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(steps))
            assert ctypes.CDLL(None).prctl(22, 2, program, 0, 0) == 0
            os.execv(sys.argv[1], sys.argv[1:])
            """;
        var start = new ProcessStartInfo(
            "/usr/bin/python3",
            ["-c", parent, HelperVerb.Program, ExecAsCommand.Verb, "--grants", grants, .. HelperPlatformChoice.Options(HelperPlatformChoice.MacOS), .. Arguments("/bin/echo", "runs")]);
        start.Environment["LD_LIBRARY_PATH"] = EmulatedMac.Programs;
        using var process = Process.Start(start)!;

        Assert.Matches(expected == 0 ? "^runs$" : "/bin/echo: .*posix_spawn", await LineAsync());
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(expected, process.ExitCode);
    }

    [Fact]
    public async Task The_session_keyring_is_the_programs_own()
    {
        Assert.True(File.Exists("/proc/keys"), "this kernel has no keyrings");
        await RunAsync(Arguments("/bin/bash", "-c", "grep _ses /proc/keys; echo END"));

        Assert.Equal($"{_id}", Assert.Single(Squeezed(await OutputAsync())).Split(' ')[5]);
    }

    [Fact]
    public async Task The_kernel_remembers_whose_login_it_is()
    {
        await RunAsync(Arguments("/bin/bash", "-c", "cat /proc/self/loginuid; echo; echo END"));

        Assert.Equal($"{_id}", (await OutputAsync())[0]);
    }

    [Fact]
    public async Task The_program_is_in_the_account_s_control_group_and_cannot_leave_it_nor_look_into_it()
    {
        using var group = new TestGroup(_id);
        const string script = """
            grep ^0:: /proc/self/cgroup
            for where in "$1" "${1%/*}"; do (echo 0 >"$where/cgroup.procs") 2>/dev/null && echo left; done
            ls "$1" 2>/dev/null; mkdir "$1/inner" 2>/dev/null; grep ^0:: /proc/self/cgroup
            echo END
            """;

        await RunAsync(Arguments("/bin/bash", "-c", script, "job", group.Folder));

        var said = await OutputAsync();
        Assert.EndsWith($"/macrunners-uid-{_id}", said[0], StringComparison.Ordinal);
        Assert.Equal([said[0], said[0]], said);
    }

    [Fact]
    public async Task Without_a_control_group_of_the_account_the_program_runs_in_the_daemon_s()
    {
        await RunAsync(Arguments("/bin/bash", "-c", "cat /proc/self/cgroup; echo END"));

        Assert.Equal(await File.ReadAllLinesAsync("/proc/self/cgroup", Cancel), await OutputAsync());
    }

    [Fact]
    public async Task The_exit_code_is_the_programs_own()
    {
        Assert.Equal((42, ""), await RunAsync(Arguments("/bin/sh", "-c", "exit 42")));
    }

    [Fact]
    public async Task It_waits_to_be_let_go_under_the_number_it_keeps()
    {
        using var process = Waiting("/bin/bash", "-c", "echo $$; echo END");
        var before = new LinuxProcesses().Find(process.Id);
        Assert.Equal(0u, before?.RealUid);

        await process.StandardInput.WriteAsync('\n');
        process.StandardInput.Close();

        Assert.Equal([$"{process.Id}"], await OutputAsync());
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task It_leaves_when_whoever_should_let_it_go_is_gone()
    {
        using var process = Waiting("/bin/touch", _scratch["home/touched"]);

        process.StandardInput.Close();

        Assert.Contains("let the agent go", await process.StandardError.ReadToEndAsync(Cancel), StringComparison.Ordinal);
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(ExecAsCommand.ExitFailed, process.ExitCode);
        Assert.False(File.Exists(_scratch["home/touched"]));
    }

    [Theory]
    [InlineData("/nonexistent/program", ExecAsCommand.ExitNotFound)]
    [InlineData("/etc/passwd", ExecAsCommand.ExitCannotExecute)]
    public async Task A_program_that_cannot_run_is_reported_in_the_jobs_output(string program, int exitCode)
    {
        var (code, _) = await RunAsync(Arguments(program));

        Assert.Equal(exitCode, code);
        Assert.Contains(program, await LineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_home_that_the_user_cannot_enter_is_a_failure()
    {
        var arguments = Arguments("/bin/true");
        arguments[Array.IndexOf(arguments, "--cwd") + 1] = "/root/nothing";

        Assert.Equal(ExecAsCommand.ExitFailed, (await RunAsync(arguments)).ExitCode);
    }

    [Theory]
    [InlineData("--uid", "0", "only numbers from 1000 on")]
    [InlineData("--uid", "999", "only numbers from 1000 on")]
    [InlineData("--gid", "0", "only numbers from 1000 on")]
    [InlineData("--uid", "4294967295", "is refused")]
    [InlineData("--uid", "4294967296", "is refused")]
    [InlineData("--uid", "-1", "is not a number")]
    [InlineData("--open-files", "many", "is not a number")]
    [InlineData("--platform", "macos", "Platform:Root")]
    [InlineData("--platform", "windows", "not one of")]
    [InlineData("--await", "somebody", "is not stdin")]
    [InlineData("--colour", "red", "not an option")]
    public async Task A_wrong_call_changes_nothing_and_says_why(string option, string value, string complaint)
    {
        var arguments = Arguments("/bin/touch", _scratch["home/touched"]);
        var at = Array.IndexOf(arguments, option);
        arguments = at < 0 ? [option, value, .. arguments] : [.. arguments[..(at + 1)], value, .. arguments[(at + 2)..]];

        var (code, error) = await RunAsync(arguments);

        Assert.Equal(ExecAsCommand.ExitFailed, code);
        Assert.Contains(complaint, error, StringComparison.Ordinal);
        Assert.False(File.Exists(_scratch["home/touched"]));
    }

    [Fact]
    public async Task A_missing_program_or_option_is_named()
    {
        Assert.Contains("behind --", (await RunAsync(Arguments())).Error, StringComparison.Ordinal);
        Assert.Contains("--name is missing", (await RunAsync()).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Anybody_but_root_is_refused()
    {
        var said = Scratch.Shell(
            "cp -r \"$1\" \"$2/build\"; chmod -R a+rX \"$2\"; setpriv --reuid \"$3\" --clear-groups \"$2/build/macrunners\" \"${@:4}\" 2>&1; echo \"code $?\"",
            [AppContext.BaseDirectory, _scratch.Folder, $"{_id}", ExecAsCommand.Verb, .. Arguments("/bin/true")]);

        Assert.Contains("only root", said, StringComparison.Ordinal);
        Assert.EndsWith($"code {ExecAsCommand.ExitFailed}\n", said, StringComparison.Ordinal);
    }

    private Process Waiting(params string[] program) => Process.Start(
        new ProcessStartInfo(HelperVerb.Program, [ExecAsCommand.Verb, "--await", "stdin", .. Arguments(program)])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        })!;

    private static Task<(int ExitCode, string Error)> RunAsync(params string[] arguments) => HelperVerb.RunAsync(new Dictionary<string, string>(), ExecAsCommand.Verb, arguments);

    private string[] Arguments(params string[] program) =>
    [
        "--name", "nobody-at-all", "--uid", $"{_id}", "--gid", $"{_id}", "--cwd", _scratch["home"],
        "--output", _scratch["output"], "--open-files", "4096", "--processes", "300", "--", .. program,
    ];

    private async Task<List<string>> OutputAsync()
    {
        var lines = new List<string>();
        using var reader = new StreamReader(_output, leaveOpen: true);
        while (await reader.ReadLineAsync(Cancel) is { } line && line != "END")
        {
            lines.Add(line);
        }

        return lines;
    }

    private async Task<string> LineAsync()
    {
        using var reader = new StreamReader(_output, leaveOpen: true);
        return await reader.ReadLineAsync(Cancel) ?? "";
    }

    private static IEnumerable<string> Squeezed(IEnumerable<string> lines) =>
        lines.Select(line => string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
}
