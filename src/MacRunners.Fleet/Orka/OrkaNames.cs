namespace MacRunners.Fleet.Orka;

/// <summary>Names that Orka 3 itself uses.</summary>
internal static class OrkaNames
{
    /// <summary>API group of the custom resources.</summary>
    public const string Group = "orka.macstadium.com";

    /// <summary>Their version.</summary>
    public const string Version = "v1";

    /// <summary>Where images and templates live, whatever the namespace of VMs.</summary>
    public const string SharedNamespace = "orka-default";
}
