namespace MacRunners.Platform.Linux;

/// <summary>Linux.</summary>
internal sealed class LinuxPlatform : IPlatform
{
    internal LinuxPlatform(ITool tool, TimeSpan directoryTimeout, TimeProvider time)
    {
        Processes = new LinuxProcesses();
        Self = new LinuxProcessCalls(Processes);
        Service = new Systemd(tool);
        Fence = new Nftables(tool);
        Accounts = new LinuxAccounts(tool, Processes, directoryTimeout, time);
    }

    /// <inheritdoc/>
    public string Name => "linux";

    /// <inheritdoc/>
    public string BootId => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <inheritdoc/>
    public PlatformPlaces Places { get; } = new(
        State: "/var/lib/macrunners",
        Logs: "/var/log/macrunners",
        Homes: "/var/lib/macrunners/homes",
        Run: "/run/macrunners",
        Agent: "/usr/bin/buildkite-agent",
        ExecutableSearchPath: "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
        SharedPlaces: ["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock", "/var/crash"]);

    /// <inheritdoc/>
    public IAccountDirectory Accounts { get; }

    /// <inheritdoc/>
    public IProcessTable Processes { get; }

    /// <inheritdoc/>
    public IFileCalls Files { get; } = new LinuxFileCalls();

    /// <inheritdoc/>
    public IProcessCalls Self { get; }

    /// <inheritdoc/>
    public IHostFigures Host { get; } = new LinuxHost();

    /// <inheritdoc/>
    public ISocketCalls Sockets { get; } = new LinuxSockets();

    /// <inheritdoc/>
    public IServiceManager Service { get; }

    /// <inheritdoc/>
    public IUserDomains Domains { get; } = new NoUserDomains();

    /// <inheritdoc/>
    public INetworkFence Fence { get; }
}
