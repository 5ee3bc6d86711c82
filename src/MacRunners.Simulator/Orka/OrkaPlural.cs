namespace MacRunners.Simulator.Orka;

/// <summary>Names of the custom resources in paths.</summary>
internal static class OrkaPlural
{
    public const string Vms = "virtualmachineinstances";
    public const string VmConfigs = "virtualmachineconfigs";
    public const string Images = "images";
    public const string Nodes = "orkanodes";
}
