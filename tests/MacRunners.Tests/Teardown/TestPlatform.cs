using MacRunners.Platform;
using MacRunners.Platform.Linux;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace MacRunners.Tests.Teardown;

/// <summary>The real Linux with shared places of the test's own, and without the machine's account database.</summary>
internal sealed class TestPlatform : IPlatform
{
    private readonly LinuxPlatform _real = new(new Tool(TimeProvider.System), TimeSpan.FromSeconds(30), TimeProvider.System, NullLoggerFactory.Instance);
    private readonly IReadOnlyList<string> _sharedPlaces;
    private readonly IReadOnlyList<string> _accountFiles;

    public TestPlatform(IReadOnlyList<string> sharedPlaces, IReadOnlyList<string>? accountFiles = null)
    {
        _sharedPlaces = sharedPlaces;
        _accountFiles = accountFiles ?? [];
        Processes = _real.Processes;
        ControlGroups = _real.ControlGroups;
    }

    public TestPlatform(IReadOnlyList<string> sharedPlaces, IProcessTable processes)
        : this(sharedPlaces) => Processes = processes;

    public string Name => _real.Name;

    public string BootId => _real.BootId;

    public PlatformPlaces Places => _real.Places with { SharedPlaces = _sharedPlaces, AccountFiles = _accountFiles, Protected = [], Volumes = _sharedPlaces, WithheldRemedy = WithheldRemedy };

    /// <summary>As on macOS, where the system withholds places even from root.</summary>
    public string? WithheldRemedy { get; set; }

    public ListedAccounts Accounts { get; } = new();

    IAccountDirectory IPlatform.Accounts => Accounts;

    public IProcessTable Processes { get; set; }

    public IFileCalls Files { get; set; } = new LinuxFileCalls();

    public IKernelObjects KernelObjects => _real.KernelObjects;

    public IProcessCalls Self => _real.Self;

    public IHostFigures Host => _real.Host;

    public ISocketCalls Sockets => _real.Sockets;

    public IServiceManager Service { get; } = Substitute.For<IServiceManager>();

    public IUserDomains Domains { get; } = WithoutFolders();

    public IControlGroups ControlGroups { get; set; }

    public IHomeVolumes HomeVolumes { get; set; } = new NoHomeVolumes();

    public INetworkFence Fence => _real.Fence;

    public IKeychains Keychains => _real.Keychains;

    public ISystemConditions Conditions => _real.Conditions;

    public ISystemGrowth Growth { get; set; } = new NoSystemGrowth();

    public IImageHardening Hardening => _real.Hardening;

    private static IUserDomains WithoutFolders()
    {
        var domains = Substitute.For<IUserDomains>();
        domains.PrivateFolders(default, default).ReturnsForAnyArgs([]);
        return domains;
    }
}
