namespace MacRunners.Platform;

/// <summary>
/// Everything that differs between operating systems, and nothing else. The rest of the daemon sees the machine only
/// through these narrow interfaces. The macOS implementation runs unchanged on Linux over an emulator: only
/// <see cref="Settings.PlatformOptions.Root"/> then differs.
/// </summary>
internal interface IPlatform
{
    /// <summary><c>linux</c> or <c>macos</c>.</summary>
    string Name { get; }

    /// <summary>Changes with every boot of the machine and at no other time.</summary>
    string BootId { get; }

    /// <summary>Where things lie unless the configuration says otherwise, and which places jobs share.</summary>
    PlatformPlaces Places { get; }

    /// <summary>Local accounts and groups. The daemon's parts reach them through <see cref="MacRunners.Accounts.GuardedAccounts"/>.</summary>
    IAccountDirectory Accounts { get; }

    /// <summary>The kernel's process table, and signals to single processes.</summary>
    IProcessTable Processes { get; }

    /// <summary>Descriptor-relative file calls that follow nothing a job could have planted.</summary>
    IFileCalls Files { get; }

    /// <summary>What an account may leave in the kernel.</summary>
    IKernelObjects KernelObjects { get; }

    /// <summary>Identity changes of the current process; only the hidden helper verbs use them.</summary>
    IProcessCalls Self { get; }

    /// <summary>The machine as a whole: memory, processors, load, counts.</summary>
    IHostFigures Host { get; }

    /// <summary>Sockets from the service manager, and peers of local ones.</summary>
    ISocketCalls Sockets { get; }

    /// <summary>Who starts the daemon at boot and again after its end.</summary>
    IServiceManager Service { get; }

    /// <summary>What stands in front of the launcher, and the user's launchd domain.</summary>
    IUserDomains Domains { get; }

    /// <summary>What holds an account's processes together.</summary>
    IControlGroups ControlGroups { get; }

    /// <summary>Volumes of their own for homes.</summary>
    IHomeVolumes HomeVolumes { get; }

    /// <summary>The packet filter that keeps jobs from places of the network.</summary>
    INetworkFence Fence { get; }

    /// <summary>Keychains of the current user; only the verb for jobs uses them.</summary>
    IKeychains Keychains { get; }

    /// <summary>Settings of the system that matter to jobs.</summary>
    ISystemConditions Conditions { get; }

    /// <summary>What grows with the number of accounts there were.</summary>
    ISystemGrowth Growth { get; }

    /// <summary>What an image must have been told besides its software.</summary>
    IImageHardening Hardening { get; }
}

/// <summary>Default folders of the platform, and the places every local account can write to.</summary>
/// <param name="State">Journal and trash; root only below.</param>
/// <param name="Logs">Log files; root only.</param>
/// <param name="Homes">Parent of the jobs' homes; owned by root, not writable by others.</param>
/// <param name="Run">Run-time files: sockets, the agent's configuration, output pipes.</param>
/// <param name="Agent">Where <c>buildkite-agent</c> usually is.</param>
/// <param name="ExecutableSearchPath">The value of a job's <c>PATH</c>.</param>
/// <param name="SharedPlaces">Folders in which every account can put something; teardown sweeps them by numeric uid.</param>
/// <param name="AccountFiles">
/// Files that system services keep per account in folders of root: crontab, mail, overrides of launchd. <c>{name}</c> and <c>{uid}</c>
/// stand for the account's. None need exist.
/// </param>
/// <param name="Protected">Files and folders of root that decide who may do what and what root runs; none need exist.</param>
/// <param name="Volumes">Tops of the file systems that jobs can write to.</param>
/// <param name="WithheldRemedy">What to grant the daemon where the system withholds some of these places even from root; null where it withholds nothing from root.</param>
/// <param name="DeveloperFolders">Where developer tools of a version are (<c>{version}</c> stands for it), most usual first; empty where there are no such versions.</param>
internal sealed record PlatformPlaces(
    string State,
    string Logs,
    string Homes,
    string Run,
    string Agent,
    string ExecutableSearchPath,
    IReadOnlyList<string> SharedPlaces,
    IReadOnlyList<string> AccountFiles,
    IReadOnlyList<string> Protected,
    IReadOnlyList<string> Volumes,
    string? WithheldRemedy,
    IReadOnlyList<string> DeveloperFolders);

/// <summary>Access to a user's launchd domain, where the platform has one.</summary>
internal interface IUserDomains
{
    /// <summary>
    /// The command that moves a program into the user's domain, to be put in front of the launcher
    /// (<c>/bin/launchctl asuser UID</c>); empty where there is no such thing. It executes in place: same pid.
    /// </summary>
    IReadOnlyList<string> EnterCommand(uint uid);

    /// <summary>The command that <see cref="EndAsync"/> runs; empty where there is none.</summary>
    IReadOnlyList<string> EndCommand(uint uid);

    /// <summary>
    /// Ends the user's domain (<c>launchctl bootout user/UID</c>), so that nothing in it is started again. Whatever the
    /// command answers is logged and otherwise ignored: the process table decides.
    /// </summary>
    Task EndAsync(uint uid, CancellationToken cancellationToken);

    /// <summary>Folders that the system keeps for the user outside the home (<c>/private/var/folders/…</c>); absolute, may not exist.</summary>
    IReadOnlyList<string> PrivateFolders(uint uid, Guid? generatedUid);
}
