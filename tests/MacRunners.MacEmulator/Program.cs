using System.Globalization;
using MacRunners.MacEmulator.Accounts;
using MacRunners.MacEmulator.Launchd;
using MacRunners.MacEmulator.Root;
using MacRunners.MacEmulator.Tools;
using MacRunners.MacEmulator.Tools.Diskutil;
using MacRunners.MacEmulator.Tools.Dscl;
using MacRunners.MacEmulator.Tools.Keychains;
using MacRunners.MacEmulator.Tools.PacketFilter;

var invocation = Invocation.Current();
var time = TimeProvider.System;
return EmulatorRoot.Find(invocation.Path) is var (root, tool)
    ? await RunToolAsync(new ToolContext(root, tool, invocation.Arguments, time))
    : await RunEmulatorAsync(invocation.Arguments, time);

static async Task<int> RunToolAsync(ToolContext context)
{
    var exitCode = await (context.Name switch
    {
        "chflags" => ChflagsTool.RunAsync(context),
        "codesign" => CodesignTool.RunAsync(context),
        "createhomedir" => CreatehomedirTool.RunAsync(context),
        "crontab" => CrontabTool.RunAsync(context),
        "diskutil" => DiskutilTool.RunAsync(context),
        "dseditgroup" => DseditgroupTool.RunAsync(context),
        "dsimport" => DsimportTool.RunAsync(context),
        "getconf" => GetconfTool.RunAsync(context),
        "hdiutil" => HdiutilTool.RunAsync(context),
        "pkill" => ProcessTools.PkillAsync(context),
        "ps" => ProcessTools.PsAsync(context),
        "sysctl" => HostTools.SysctlAsync(context),
        "vm_stat" => HostTools.VmStatAsync(context),
        "csrutil" => CsrutilTool.RunAsync(context),
        "dscl" => DsclTool.RunAsync(context),
        "dscacheutil" => DscacheutilTool.RunAsync(context),
        "dsmemberutil" => DsmemberutilTool.RunAsync(context),
        "id" => IdTool.RunAsync(context),
        "ipcs" => IpcsTool.RunAsync(context),
        "ipcrm" => IpcrmTool.RunAsync(context),
        "launchctl" => LaunchctlTool.RunAsync(context),
        "mdutil" => MdutilTool.RunAsync(context),
        "mount" => MountTool.RunAsync(context),
        "pfctl" => PfctlTool.RunAsync(context),
        "security" => SecurityTool.RunAsync(context),
        "sw_vers" => SwVersTool.RunAsync(context),
        "sysadminctl" => SysadminctlTool.RunAsync(context),
        "tmutil" => TmutilTool.RunAsync(context),
        _ => throw new InvalidOperationException($"no such command: {context.Name}"),
    });
    context.Log(exitCode);
    return exitCode;
}

static async Task<int> RunEmulatorAsync(IReadOnlyList<string> arguments, TimeProvider time)
{
    try
    {
        switch (arguments)
        {
            case ["install", var path]:
                Installer.Install(path);
                return 0;
            case ["uninstall", var path]:
                await Uninstaller.UninstallAsync(path, time);
                return 0;
            case ["settle", var path, var when] when long.TryParse(when, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds):
                await SettleAsync(new EmulatorRoot(path), DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), time);
                return 0;
            case ["launchd", var path]:
                await new LaunchdProcess(new EmulatorRoot(path), time).RunAsync();
                return 0;
            case ["xpcproxy", var order]:
                return XpcProxy.Run(order);
            default:
                Console.Error.WriteLine("usage: mac-emulator install|uninstall ROOT");
                Console.Error.WriteLine($"The emulated commands are called by their path below ROOT: {string.Join(", ", ToolPaths.All)}");
                return 64;
        }
    }
    catch (IOException e)
    {
        Console.Error.WriteLine($"mac-emulator: {e.Message}");
        return 1;
    }
}

// Started by a command whose accounts are to become visible later.
static async Task SettleAsync(EmulatorRoot root, DateTimeOffset visible, TimeProvider time)
{
    while (visible - time.GetUtcNow() is var left && left > TimeSpan.Zero)
    {
        await Task.Delay(left, time);
    }

    await new DirectorySession(root, time).SettleAsync();
}
