using MacRunners.Platform;

namespace MacRunners.FaultyDaemon;

/// <summary>The platform as it is, on a machine that says it was booted anew.</summary>
internal sealed class PlatformOfAnotherBoot(IPlatform real, string bootId) : IPlatform
{
    /// <inheritdoc/>
    public string Name => real.Name;

    /// <inheritdoc/>
    public string BootId => bootId;

    /// <inheritdoc/>
    public PlatformPlaces Places => real.Places;

    /// <inheritdoc/>
    public IAccountDirectory Accounts => real.Accounts;

    /// <inheritdoc/>
    public IProcessTable Processes => real.Processes;

    /// <inheritdoc/>
    public IFileCalls Files => real.Files;

    /// <inheritdoc/>
    public IKernelObjects KernelObjects => real.KernelObjects;

    /// <inheritdoc/>
    public IProcessCalls Self => real.Self;

    /// <inheritdoc/>
    public IHostFigures Host => real.Host;

    /// <inheritdoc/>
    public ISocketCalls Sockets => real.Sockets;

    /// <inheritdoc/>
    public IServiceManager Service => real.Service;

    /// <inheritdoc/>
    public IUserDomains Domains => real.Domains;

    /// <inheritdoc/>
    public IControlGroups ControlGroups => real.ControlGroups;

    /// <inheritdoc/>
    public IHomeVolumes HomeVolumes => real.HomeVolumes;

    /// <inheritdoc/>
    public INetworkFence Fence => real.Fence;

    /// <inheritdoc/>
    public IKeychains Keychains => real.Keychains;

    /// <inheritdoc/>
    public ISystemConditions Conditions => real.Conditions;

    /// <inheritdoc/>
    public ISystemGrowth Growth => real.Growth;

    /// <inheritdoc/>
    public IImageHardening Hardening => real.Hardening;
}
