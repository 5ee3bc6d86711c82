namespace MacRunners.Fleet.Orka;

/// <summary>An Orka 3 cluster: VMs, images, templates (VM configs) and nodes.</summary>
/// <remarks>Everything throws <see cref="OrkaException"/> with a text that says what to do.</remarks>
internal interface IOrka : IDisposable
{
    /// <summary>Deploys a VM and waits until it runs.</summary>
    /// <param name="order">Which VM; its name must be new.</param>
    /// <param name="limit">How long that may take. The VM may exist afterwards, whatever is thrown: delete it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<OrkaVm> DeployAsync(VmOrder order, TimeSpan limit, CancellationToken cancellation);

    /// <summary>All VMs of the namespace.</summary>
    Task<IReadOnlyList<OrkaVm>> ListVmsAsync(CancellationToken cancellation);

    /// <summary>A VM by name; null when there is none.</summary>
    Task<OrkaVm?> FindVmAsync(string name, CancellationToken cancellation);

    /// <summary>Deletes a VM; one that is not there counts as deleted.</summary>
    Task DeleteVmAsync(string name, CancellationToken cancellation);

    /// <summary>Saves a VM as a new local image and waits until that is ready. The VM restarts.</summary>
    Task SaveImageAsync(string vm, string image, TimeSpan limit, CancellationToken cancellation);

    /// <summary>Overwrites the image a VM was deployed from. The VM restarts.</summary>
    Task CommitImageAsync(string vm, CancellationToken cancellation);

    /// <summary>Pushes a VM to a registry (Apple silicon only).</summary>
    /// <returns>Name of the job that pushes; Orka tells its state by <c>orka3 vm get-push-status</c>.</returns>
    Task<string> PushImageAsync(string vm, string reference, CancellationToken cancellation);

    /// <summary>All local images.</summary>
    Task<IReadOnlyList<OrkaImage>> ListImagesAsync(CancellationToken cancellation);

    /// <summary>Deletes a local image; one that is not there counts as deleted.</summary>
    Task DeleteImageAsync(string name, CancellationToken cancellation);

    /// <summary>All templates.</summary>
    Task<IReadOnlyList<VmConfig>> ListVmConfigsAsync(CancellationToken cancellation);

    /// <summary>Creates a template; it is no error when the same one is there already.</summary>
    Task CreateVmConfigAsync(VmConfig config, CancellationToken cancellation);

    /// <summary>Deletes a template; one that is not there counts as deleted.</summary>
    Task DeleteVmConfigAsync(string name, CancellationToken cancellation);

    /// <summary>All hosts.</summary>
    Task<IReadOnlyList<OrkaNode>> ListNodesAsync(CancellationToken cancellation);
}

/// <summary>A VM to deploy.</summary>
/// <param name="Name">Its name, unique in the namespace.</param>
/// <param name="Image">Local image name, or an OCI reference.</param>
/// <param name="Cpu">Cores.</param>
/// <param name="MemoryGib">Memory in GiB; null leaves it to Orka.</param>
internal sealed record VmOrder(string Name, string Image, int Cpu, double? MemoryGib);

/// <summary>Where a VM is in its life.</summary>
internal enum VmPhase
{
    /// <summary>Waits for a host, or boots.</summary>
    Pending,

    /// <summary>Has an address. Orka says so of a stopped VM, too.</summary>
    Running,

    /// <summary>Will not come up.</summary>
    Failed,
}

/// <summary>A VM.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Image">What it was deployed from.</param>
/// <param name="Phase">Where it is in its life.</param>
/// <param name="Address">The host's address (its own where the network is bridged); null before it has one.</param>
/// <param name="SshPort">Port of its SSH server at that address.</param>
/// <param name="Node">Its host.</param>
/// <param name="Message">What Orka says is wrong; null for nothing.</param>
internal sealed record OrkaVm(string Name, string Image, VmPhase Phase, string? Address, int? SshPort, string? Node, string? Message);

/// <summary>A local image.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">Ready, Updating, Failed; null where the interface does not tell.</param>
internal sealed record OrkaImage(string Name, string? State);

/// <summary>A template.</summary>
/// <param name="Name">Its name, at most 50 characters.</param>
/// <param name="Image">The image it points at.</param>
/// <param name="Cpu">Cores.</param>
/// <param name="MemoryGib">Memory in GiB; null leaves it to Orka.</param>
internal sealed record VmConfig(string Name, string Image, int Cpu, double? MemoryGib);

/// <summary>A host.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsReady">Whether it takes VMs.</param>
/// <param name="AvailableCpu">Cores that are free.</param>
/// <param name="AvailableMemoryGib">Memory that is free, in GiB.</param>
internal sealed record OrkaNode(string Name, bool IsReady, double AvailableCpu, double AvailableMemoryGib);
