using System.Text;

namespace MacRunners.Platform.MacOS;

/// <summary>macOS. With a root, an emulator stands below that folder, and its <c>libSystem.dylib</c> beside the executable.</summary>
internal sealed class MacPlatform : IPlatform
{
    // The real names: /tmp and /var are links.
    private static readonly string[] SharedPlaces =
    [
        "/private/tmp", "/private/var/tmp", "/Users/Shared", "/cores", "/Library/Caches", "/Library/Logs/DiagnosticReports",
        "/private/var/spool/cups/tmp", "/Library/Application Support/CrashReporter", "/System/Volumes/Data/.Trashes",

        // at's own, where set-user-id programs write for a job.
        "/private/var/at/jobs", "/private/var/at/spool",
    ];

    private static readonly string[] AccountFiles =
    [
        "/private/var/at/tabs/{name}", "/private/var/mail/{name}",
        "/private/var/db/com.apple.xpc.launchd/disabled.{uid}.plist", "/private/var/db/com.apple.xpc.launchd/loginitems.{uid}.plist",
    ];

    private static readonly string[] Protected =
    [
        "/private/etc/sudoers", "/private/etc/sudoers.d", "/private/etc/pam.d", "/private/etc/ssh", "/private/var/root/.ssh",
        "/private/etc/crontab", "/private/etc/periodic", "/private/etc/hosts", "/private/etc/pf.conf", "/private/etc/pf.anchors",
        "/private/etc/profile", "/private/etc/zshenv", "/private/etc/zprofile", "/private/etc/bashrc", "/private/etc/paths",
        "/private/etc/paths.d", "/private/etc/gitconfig",
        "/Library/LaunchDaemons", "/Library/LaunchAgents", "/Library/PrivilegedHelperTools", "/Library/StartupItems",
    ];

    // By the names that the usual installers of Xcode give.
    private static readonly string[] DeveloperFolders =
    [
        "/Applications/Xcode-{version}.app/Contents/Developer", "/Applications/Xcode_{version}.app/Contents/Developer",
    ];

    internal MacPlatform(string root, ITool tool, TimeSpan directoryTimeout, TimeProvider time, ILoggerFactory loggers)
    {
        root = root.TrimEnd('/');
        Processes = new MacProcesses();
        Accounts = new MacAccounts(tool, Processes, directoryTimeout, time, root);
        Service = new Launchd(tool, root);
        KernelObjects = new MacKernelObjects(tool, root);
        Fence = new PacketFilter(tool, root);
        Keychains = new Keychains(tool, root);
        Conditions = new MacConditions(tool, root, MacHost.IsTranslated);
        Growth = new MacGrowth(tool, root);
        Hardening = new MacImageHardening(tool, Files, root);
        HomeVolumes = new ApfsVolumes(tool, time, root, loggers.CreateLogger<ApfsVolumes>());
        Domains = new MacUserDomains(tool, root, loggers.CreateLogger<MacUserDomains>());
        Places = new PlatformPlaces(
            State: root + "/private/var/macrunners",
            Logs: root + "/private/var/log/macrunners",
            Homes: root + "/Users",
            Run: root + "/private/var/run/macrunners",
            Agent: root + "/usr/local/bin/buildkite-agent",
            ExecutableSearchPath: SearchPath,
            SharedPlaces: Below(root, SharedPlaces),
            AccountFiles: Below(root, AccountFiles),
            Protected: Below(root, Protected),
            // The volume of the system itself is sealed.
            Volumes: [root.Length == 0 ? "/System/Volumes/Data" : root],
            WithheldRemedy: $"grant Full Disk Access to {Environment.ProcessPath} in System Settings, Privacy & Security, or by a PPPC profile of the device management",
            DeveloperFolders: Below(root, DeveloperFolders));
    }

    /// <inheritdoc/>
    public string Name => "macos";

    /// <inheritdoc/>
    public string BootId => SystemText("kern.bootsessionuuid");

    /// <inheritdoc/>
    public PlatformPlaces Places { get; }

    /// <inheritdoc/>
    public IAccountDirectory Accounts { get; }

    /// <inheritdoc/>
    public IProcessTable Processes { get; }

    /// <inheritdoc/>
    public IFileCalls Files { get; } = new MacFileCalls();

    /// <inheritdoc/>
    public IKernelObjects KernelObjects { get; }

    /// <inheritdoc/>
    public IProcessCalls Self { get; } = new MacProcessCalls();

    /// <inheritdoc/>
    public IHostFigures Host { get; } = new MacHost();

    /// <inheritdoc/>
    public ISocketCalls Sockets { get; } = new MacSockets();

    /// <inheritdoc/>
    public IServiceManager Service { get; }

    /// <inheritdoc/>
    public IUserDomains Domains { get; }

    /// <inheritdoc/>
    public IControlGroups ControlGroups { get; } = new NoControlGroups();

    /// <inheritdoc/>
    public IHomeVolumes HomeVolumes { get; }

    /// <inheritdoc/>
    public INetworkFence Fence { get; }

    /// <inheritdoc/>
    public IKeychains Keychains { get; }

    /// <inheritdoc/>
    public ISystemConditions Conditions { get; }

    /// <inheritdoc/>
    public ISystemGrowth Growth { get; }

    /// <inheritdoc/>
    public IImageHardening Hardening { get; }

    private static IReadOnlyList<string> Below(string root, string[] paths) => [.. paths.Select(path => root + path)];

    // An image's exact versions before whatever Homebrew has installed beside what it was asked for.
    private const string SearchPath = "/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin:/usr/sbin:/sbin";

    private static unsafe string SystemText(string name)
    {
        const int size = 256;
        var buffer = stackalloc byte[size];
        nuint length = size;
        return MacProcessImports.sysctlbyname(name, buffer, ref length, null, 0) == 0
            ? Encoding.UTF8.GetString(buffer, (int)length).TrimEnd('\0')
            : throw MacErrors.Last("sysctlbyname", name);
    }
}
