namespace MacRunners.Platform;

/// <summary>Objects of an account that live in the kernel until somebody removes them: System V and POSIX IPC, as far as they can be listed.</summary>
internal interface IKernelObjects
{
    /// <summary>Those that the account made, whoever owns them by now; the first of them where there are more than one list holds.</summary>
    /// <param name="name">The account's name; it may be deleted already.</param>
    /// <param name="uid">Its number.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <exception cref="ToolException">The list cannot be had.</exception>
    Task<IReadOnlyList<KernelObject>> MadeByAsync(string name, uint uid, CancellationToken cancellationToken);

    /// <summary>Removes these; gone already is as good.</summary>
    /// <exception cref="ToolException">They could not be removed.</exception>
    /// <exception cref="PosixException">The kernel refuses.</exception>
    Task RemoveAsync(IReadOnlyList<KernelObject> found, CancellationToken cancellationToken);
}

/// <summary>One object in the kernel.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">The kernel's number for it, or the name of a POSIX queue.</param>
internal sealed record KernelObject(KernelObjectKind Kind, string Id)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Id}";
}

/// <summary>Kinds of IPC objects that outlive their processes.</summary>
internal enum KernelObjectKind
{
    /// <summary>System V shared memory.</summary>
    SharedMemory,

    /// <summary>System V semaphores.</summary>
    Semaphores,

    /// <summary>System V message queue.</summary>
    MessageQueue,

    /// <summary>POSIX message queue.</summary>
    PosixQueue,
}
