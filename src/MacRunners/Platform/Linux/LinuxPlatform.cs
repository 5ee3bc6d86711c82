namespace MacRunners.Platform.Linux;

/// <summary>Linux.</summary>
internal sealed class LinuxPlatform : IPlatform
{
    internal LinuxPlatform(ITool tool, TimeSpan directoryTimeout, TimeProvider time, ILoggerFactory loggers)
    {
        var groups = Linux.ControlGroups.OfThisProcess(time, loggers);
        ControlGroups = groups is null ? new NoControlGroups() : groups;
        Processes = new LinuxProcesses(groups);
        Self = new LinuxProcessCalls(Processes, groups);
        Conditions = new LinuxConditions(groups);
        Service = new Systemd(tool);
        KernelObjects = new LinuxKernelObjects(Files);
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
        SharedPlaces: ["/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/var/crash", "/var/spool/cron/atjobs", "/var/spool/cron/atspool", "/var/spool/at"],
        AccountFiles: ["/var/spool/cron/crontabs/{name}", "/var/spool/cron/{name}", "/var/mail/{name}", "/var/spool/mail/{name}", "/var/lib/systemd/linger/{name}"],
        Protected:
        [
            "/etc/sudoers", "/etc/sudoers.d", "/etc/doas.conf", "/etc/polkit-1", "/etc/pam.d", "/etc/security", "/etc/ssh", "/root/.ssh",
            "/etc/crontab", "/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly", "/var/spool/cron/crontabs/root",
            "/etc/systemd/system", "/etc/init.d", "/etc/rc.local", "/etc/udev/rules.d", "/etc/ld.so.preload", "/etc/ld.so.conf", "/etc/ld.so.conf.d",
            "/etc/hosts", "/etc/profile", "/etc/profile.d", "/etc/environment", "/etc/bash.bashrc", "/etc/gitconfig",
        ],
        Volumes: ["/"],
        WithheldRemedy: null,
        DeveloperFolders: []);

    /// <inheritdoc/>
    public IAccountDirectory Accounts { get; }

    /// <inheritdoc/>
    public IProcessTable Processes { get; }

    /// <inheritdoc/>
    public IFileCalls Files { get; } = new LinuxFileCalls();

    /// <inheritdoc/>
    public IKernelObjects KernelObjects { get; }

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
    public IControlGroups ControlGroups { get; }

    /// <inheritdoc/>
    public IHomeVolumes HomeVolumes { get; } = new NoHomeVolumes();

    /// <inheritdoc/>
    public INetworkFence Fence { get; }

    /// <inheritdoc/>
    public IKeychains Keychains { get; } = new NoKeychains();

    /// <inheritdoc/>
    public ISystemConditions Conditions { get; }

    /// <inheritdoc/>
    public ISystemGrowth Growth { get; } = new NoSystemGrowth();

    /// <inheritdoc/>
    public IImageHardening Hardening { get; } = new NoImageHardening();
}
