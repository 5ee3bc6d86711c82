using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using MacRunners.MacEmulator.Launchd;
using MacRunners.Platform;
using MacRunners.Tests.Platform;
using MacRunners.Tests.Platform.MacOS;
using FreePort = MacRunners.Simulator.Trial.FreePort;

namespace MacRunners.Tests.MacEmulator;

/// <summary>Rows of the contract with launchd about LaunchDaemons.</summary>
[Collection(AccountsCollection.Name)]
public sealed class LaunchdTests : IDisposable
{
    private const string Label = "org.example";
    private const string Target = $"system/{Label}";
    private const string Sleep = "exec sleep 1000";
    private const string Hint = "Try re-running the command as root for richer errors.\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly ToolResult Silent = new(0, "", "");

    private readonly EmulatedCommands _mac = new();

    public LaunchdTests() => _mac.Control.Bend(new LaunchdSettings { ThrottleScale = 0 });

    private string File => $"{_mac.Root}/Library/LaunchDaemons/{Label}.plist";

    public void Dispose() => _mac.Dispose();

    [Fact, Trait("certainty", "C"), Trait("row", "L5")]
    public async Task A_service_is_loaded_once()
    {
        Define(Sleep, "<key>RunAtLoad</key><true/>");

        Assert.Equal(Silent, await LaunchctlAsync("bootstrap", "system", $"/Library/LaunchDaemons/{Label}.plist"));
        Assert.Equal(new ToolResult(37, "", "Bootstrap failed: 37: Operation already in progress\n"), await BootstrapAsync());
        await StateAsync("running");
    }

    [Theory, Trait("certainty", "C"), Trait("row", "L6")]
    [InlineData("chmod g+w \"$1\"")]
    [InlineData("chmod o+w \"$1\"")]
    [InlineData("chown 65534 \"$1\"")]
    [InlineData("mv \"$1\" \"$1.real\"; ln -s \"$1.real\" \"$1\"")]
    public async Task A_property_list_that_others_could_change_is_refused(string spoil)
    {
        Define(Sleep);
        _ = Scratch.Shell(spoil, File);

        Assert.Equal(new ToolResult(122, "", "Bootstrap failed: 122: Path had bad ownership/permissions\n"), await BootstrapAsync());
        Assert.Equal(113, (await LaunchctlAsync("print", Target)).ExitCode);
    }

    [Fact, Trait("certainty", "C")]
    public async Task What_cannot_be_read_or_run_is_refused()
    {
        Assert.Equal(new ToolResult(5, "", "Bootstrap failed: 5: Input/output error\n" + Hint), await BootstrapAsync());
        System.IO.File.WriteAllText(File, "<plist");
        Assert.Equal(109, (await BootstrapAsync()).ExitCode);
        Define(Sleep, "<key>RunAtLoad</key><integer>1</integer>");
        Assert.Equal(109, (await BootstrapAsync()).ExitCode);
        System.IO.File.WriteAllText(File, Plist("<key>ProgramArguments</key><array><string>sleep</string></array>"));
        Assert.Equal(108, (await BootstrapAsync()).ExitCode);
    }

    [Fact, Trait("certainty", "C")]
    public async Task Only_root_loads_and_unloads()
    {
        Define(Sleep);
        var uid = TestNumbers.Next();

        Assert.Equal(5, (await _mac.RunAsUserAsync(uid, "/bin/launchctl", "bootstrap", "system", File)).ExitCode);
        Assert.Equal(1, (await _mac.RunAsUserAsync(uid, "/bin/launchctl", "bootout", Target)).ExitCode);
        Assert.Equal(1, (await _mac.RunAsUserAsync(uid, "/bin/launchctl", "disable", Target)).ExitCode);
    }

    [Fact, Trait("certainty", "C")]
    public async Task A_disabled_service_is_not_loaded_until_it_is_enabled_whatever_becomes_of_its_property_list()
    {
        Assert.Equal(Silent, await LaunchctlAsync("disable", Target));
        Define(Sleep);

        Assert.Equal(new ToolResult(119, "", "Bootstrap failed: 119: Service is disabled\n"), await BootstrapAsync());
        Assert.Contains($"\"{Label}\" => disabled\n", (await LaunchctlAsync("print-disabled", "system")).Output, StringComparison.Ordinal);
        Assert.Equal(Silent, await LaunchctlAsync("enable", Target));
        Assert.Contains($"\"{Label}\" => enabled\n", (await LaunchctlAsync("print-disabled", "system")).Output, StringComparison.Ordinal);
        Assert.Equal(Silent, await BootstrapAsync());
    }

    [Fact, Trait("certainty", "C"), Trait("row", "L8")]
    public async Task A_missing_service_cannot_be_kicked() => Assert.Equal(
        new ToolResult(113, "", $"Could not find service \"{Label}\" in domain for system\n"), await LaunchctlAsync("kickstart", "-k", Target));

    [Fact]
    public async Task After_a_failure_it_is_started_again_and_after_success_it_stays_down()
    {
        // Fails twice, then succeeds.
        Define($"echo x >>{_mac.Root}/private/var/log/starts; [ $(wc -l <{_mac.Root}/private/var/log/starts) = 3 ] || exit 7", "<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>");
        await BootstrapAsync();

        await UntilAsync(async () => await FactAsync("runs") == "3" && await FactAsync("state") == "not running");
        Assert.Equal("0", await FactAsync("last exit code"));
        Assert.Equal(Silent, await LaunchctlAsync("kickstart", Target));
        await UntilAsync(async () => await FactAsync("last exit code") == "7");
    }

    [Fact]
    public async Task Between_two_starts_there_is_a_pause_that_kickstart_does_not_shorten()
    {
        _mac.Control.Bend(new LaunchdSettings { ThrottleScale = 1000 });
        Define("exit 7", "<key>KeepAlive</key><true/>");
        await BootstrapAsync();

        await StateAsync("spawn scheduled");
        Assert.Equal(Silent, await LaunchctlAsync("kickstart", Target));
        Assert.Equal("spawn scheduled", await FactAsync("state"));
        Assert.Equal("1", await FactAsync("runs"));
        Assert.Equal("7", await FactAsync("last exit code"));
        Assert.Equal(Silent, await LaunchctlAsync("bootout", "--wait", Target));
    }

    [Fact]
    public async Task Booting_out_returns_before_the_process_has_ended_and_the_label_is_taken_until_then()
    {
        Define("trap '' TERM; echo ready; while :; do sleep 0.1; done", "<key>RunAtLoad</key><true/><key>ExitTimeOut</key><integer>2</integer>", output: true);
        await BootstrapAsync();
        await PrintsAsync("ready");
        var pid = int.Parse((await FactAsync("pid"))!, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(Silent, await LaunchctlAsync("bootout", Target));
        Assert.Equal("SIGTERMed", await FactAsync("state"));
        Assert.Equal(new ToolResult(5, "", "Bootstrap failed: 5: Input/output error\n" + Hint), await BootstrapAsync());
        Assert.True(Directory.Exists($"/proc/{pid}"));

        // Killed after ExitTimeOut.
        Assert.Equal(Silent, await LaunchctlAsync("bootout", "--wait", Target));
        Assert.Equal(113, (await LaunchctlAsync("print", Target)).ExitCode);
        Assert.Equal(Silent, await BootstrapAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_rest_of_the_process_group_ends_with_it_unless_it_is_abandoned(bool abandoned)
    {
        Define("sleep 1000 & echo child $!; sleep 1000", $"<key>RunAtLoad</key><true/><key>AbandonProcessGroup</key><{(abandoned ? "true" : "false")}/>", output: true);
        await BootstrapAsync();
        await PrintsAsync("child");
        var child = Output().Split(' ')[1].Trim();

        await LaunchctlAsync("bootout", "--wait", Target);

        if (abandoned)
        {
            Assert.Contains("sleep", System.IO.File.ReadAllText($"/proc/{child}/comm"), StringComparison.Ordinal);
            _ = Scratch.Shell("kill -KILL \"$1\"", child);
        }
        else
        {
            await UntilAsync(() => Task.FromResult(!System.IO.File.Exists($"/proc/{child}/stat") || System.IO.File.ReadAllText($"/proc/{child}/stat").Contains(") Z ", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task The_process_is_as_the_property_list_says()
    {
        Define(
            "echo \"$PATH,$HOME,$A,$XPC_SERVICE_NAME,$(umask),$PWD,$(ulimit -n),$(ps -o pgid= -p $$ | tr -d ' ')=$$\"; echo wrong >&2",
            "<key>RunAtLoad</key><true/><key>EnvironmentVariables</key><dict><key>A</key><string>b c</string></dict><key>Umask</key><integer>23</integer>"
                + "<key>WorkingDirectory</key><string>/Users</string><key>SoftResourceLimits</key><dict><key>NumberOfFiles</key><integer>300</integer></dict>"
                + "<key>StandardErrorPath</key><string>/private/var/log/errors</string>",
            output: true);
        await BootstrapAsync();

        await UntilAsync(async () => await FactAsync("last exit code") == "0");
        Assert.Matches($"^/usr/bin:/bin:/usr/sbin:/sbin,,b c,{Label},0027,{Regex.Escape(_mac.Root)}/Users,300,([0-9]+)=\\1\n$", Output());
        Assert.Equal("wrong\n", System.IO.File.ReadAllText($"{_mac.Root}/private/var/log/errors"));
    }

    [Fact]
    public async Task Without_a_place_for_its_output_nothing_is_started()
    {
        Define($"echo x >{_mac.Root}/private/var/log/started", "<key>RunAtLoad</key><true/><key>StandardOutPath</key><string>/private/var/log/missing/out</string>");
        await BootstrapAsync();

        await UntilAsync(async () => await FactAsync("last exit code") == "78");
        Assert.False(System.IO.File.Exists($"{_mac.Root}/private/var/log/started"));
    }

    [Fact, Trait("row", "L8")]
    public async Task A_kick_starts_it_anew_with_another_process()
    {
        Define(Sleep, "<key>RunAtLoad</key><true/>");
        await BootstrapAsync();
        await StateAsync("running");
        var pid = await FactAsync("pid");

        Assert.Equal(Silent, await LaunchctlAsync("kickstart", Target));
        Assert.Equal(pid, await FactAsync("pid"));
        var printed = (await LaunchctlAsync("kickstart", "-k", "-p", Target)).Output.Trim();
        Assert.NotEqual(pid, printed);
        Assert.Equal(printed, await FactAsync("pid"));
        Assert.Equal("Terminated: 15", await FactAsync("last terminating signal"));
    }

    [Fact]
    public async Task Sockets_are_held_while_nothing_runs_and_a_connection_starts_the_service_which_gets_them_once()
    {
        var port = FreePort.Take();
        _mac.Control.Bend(new LaunchdSettings { ThrottleScale = 0, Ports = new Dictionary<string, int> { ["8080"] = port } });
        Define(
            $$"""
            exec /usr/bin/python3 -c '
            import ctypes, socket
            library = ctypes.CDLL("{{EmulatedMac.Programs}}/libSystem.dylib")
            def activate(name):
                descriptors, count = ctypes.POINTER(ctypes.c_int)(), ctypes.c_size_t()
                error = library.launch_activate_socket(name, ctypes.byref(descriptors), ctypes.byref(count))
                return error, [descriptors[i] for i in range(count.value)]
            error, held = activate(b"http")
            errors = [error, activate(b"http")[0], activate(b"other")[0]]
            sockets = [socket.socket(fileno=descriptor) for descriptor in held]
            connection = sockets[0].accept()[0]
            connection.sendall(f"{errors} {len(held)} {[held.getsockname()[0] for held in sockets]}".encode())
            '
            """,
            """
            <key>Sockets</key><dict><key>http</key><array>
            <dict><key>SockNodeName</key><string>0.0.0.0</string><key>SockServiceName</key><string>8080</string></dict>
            <dict><key>SockNodeName</key><string>::</string><key>SockServiceName</key><string>8080</string></dict>
            </array></dict>
            """);
        await BootstrapAsync();

        Assert.Equal("0", await FactAsync("runs"));
        Assert.Throws<SocketException>(() => Listen(IPAddress.Loopback, port));
        Assert.Throws<SocketException>(() => Listen(IPAddress.IPv6Loopback, port));
        Assert.Equal("[0, 37, 2] 2 ['0.0.0.0', '::']", await AskAsync(port));
        await StateAsync("not running");
        Assert.Equal("[0, 37, 2] 2 ['0.0.0.0', '::']", await AskAsync(port));
        Assert.Equal("2", await FactAsync("runs"));
        await LaunchctlAsync("bootout", "--wait", Target);
        Listen(IPAddress.Loopback, port);
    }

    [Fact]
    public void A_program_that_launchd_did_not_start_has_no_sockets() => Assert.Equal(
        "3\n",
        Scratch.Shell("python3 -c 'import ctypes, sys; a = ctypes.c_void_p(); print(ctypes.CDLL(sys.argv[1]).launch_activate_socket(b\"http\", ctypes.byref(a), ctypes.byref(a)))' \"$1\"", $"{EmulatedMac.Programs}/libSystem.dylib"));

    [Fact]
    public async Task The_services_end_with_the_root()
    {
        var mac = new EmulatedCommands();
        System.IO.File.WriteAllText($"{mac.Root}/Library/LaunchDaemons/{Label}.plist", Plist("<key>RunAtLoad</key><true/>" + Arguments("trap '' TERM; sleep 1000 & wait; wait")));
        await mac.RunAsync("/bin/launchctl", "bootstrap", "system", $"/Library/LaunchDaemons/{Label}.plist");
        var pid = "";
        await UntilAsync(async () => (pid = Fact((await mac.RunAsync("/bin/launchctl", "print", Target)).Output, "pid")) is not null);

        mac.Dispose();

        Assert.False(Directory.Exists($"/proc/{pid}"));
        Assert.Equal("", Scratch.Shell("pgrep -f \"mac-emulator launchd $1\"", mac.Root));
    }

    private static string Plist(string keys) =>
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
        <plist version="1.0"><dict><key>Label</key><string>{Label}</string>{keys}</dict></plist>
        """;

    private static string Arguments(string script) =>
        $"<key>ProgramArguments</key><array><string>/bin/sh</string><string>-c</string><string>{System.Security.SecurityElement.Escape(script)}</string></array>";

    private static string? Fact(string text, string name) =>
        Regex.Match(text, $"^\t{Regex.Escape(name)} = (.*)$", RegexOptions.Multiline) is { Success: true } match ? match.Groups[1].Value : null;

    private static void Listen(IPAddress address, int port)
    {
        using var listener = new TcpListener(address, port);
        listener.Start();
    }

    private static async Task<string> AskAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (!await holds())
        {
            await Task.Delay(Look, TimeProvider.System, patience.Token);
        }
    }

    private void Define(string script, string keys = "", bool output = false) => System.IO.File.WriteAllText(
        File, Plist(Arguments(script) + keys + (output ? "<key>StandardOutPath</key><string>/private/var/log/output</string>" : "")));

    private string Output() => System.IO.File.Exists($"{_mac.Root}/private/var/log/output") ? System.IO.File.ReadAllText($"{_mac.Root}/private/var/log/output") : "";

    private Task PrintsAsync(string text) => UntilAsync(() => Task.FromResult(Output().Contains(text, StringComparison.Ordinal) && Output().EndsWith('\n')));

    private Task StateAsync(string state) => UntilAsync(async () => await FactAsync("state") == state);

    private async Task<string?> FactAsync(string name) => Fact((await LaunchctlAsync("print", Target)).Output, name);

    private Task<ToolResult> BootstrapAsync() => LaunchctlAsync("bootstrap", "system", File);

    private Task<ToolResult> LaunchctlAsync(params IReadOnlyList<string> arguments) => _mac.RunAsync("/bin/launchctl", arguments);
}
