using System.Runtime.InteropServices;
using System.Text;

namespace MacRunners.Platform.MacOS;

/// <summary>macOS. With a root, an emulator stands below that folder, and its <c>libSystem.dylib</c> beside the executable.</summary>
internal sealed class MacPlatform : IPlatform
{
    internal MacPlatform(string root, ITool tool, TimeSpan directoryTimeout, TimeProvider time, ILoggerFactory loggers)
    {
        root = root.TrimEnd('/');
        Processes = new MacProcesses();
        Accounts = new MacAccounts(tool, Processes, directoryTimeout, time, root);
        Service = new Launchd(tool, root);
        Fence = new PacketFilter(tool, root);
        Domains = new MacUserDomains(tool, root, loggers.CreateLogger<MacUserDomains>());
        Places = new PlatformPlaces(
            State: root + "/private/var/macrunners",
            Logs: root + "/private/var/log/macrunners",
            Homes: root + "/Users",
            Run: root + "/private/var/run/macrunners",
            Agent: root + "/usr/local/bin/buildkite-agent",
            ExecutableSearchPath: SearchPath,
            // The real names: /tmp and /var are links.
            SharedPlaces: [root + "/private/tmp", root + "/private/var/tmp", root + "/Users/Shared"]);
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
    public INetworkFence Fence { get; }

    // Homebrew lives in another place on each kind of processor.
    private static string SearchPath => RuntimeInformation.ProcessArchitecture == Architecture.Arm64
        ? "/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        : "/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin:/usr/sbin:/sbin";

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
