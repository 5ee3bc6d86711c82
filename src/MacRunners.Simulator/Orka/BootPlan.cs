namespace MacRunners.Simulator.Orka;

/// <summary>How a VM comes up.</summary>
internal enum BootKind
{
    /// <summary>As it should.</summary>
    Normal,

    /// <summary>It stays Pending.</summary>
    Never,

    /// <summary>It becomes Failed.</summary>
    Failed,

    /// <summary>It runs and has an address, but nothing answers there.</summary>
    NoNetwork,

    /// <summary>It runs and takes connections, but the verification never ends.</summary>
    Hangs,
}

/// <summary>What the next VMs of an image do.</summary>
/// <param name="Image">Which image; null means any.</param>
/// <param name="Boot">How they come up.</param>
/// <param name="FailingProbes">Probes that fail on them.</param>
/// <param name="Count">For how many VMs it holds; null means for all.</param>
internal sealed record BootPlan(string? Image, BootKind Boot, IReadOnlyList<string> FailingProbes, int? Count);
