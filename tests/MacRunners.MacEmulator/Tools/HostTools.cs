using System.Globalization;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>sysctl -n NAME</c> and <c>vm_stat</c>, with the figures of the host.</summary>
internal static class HostTools
{
    private const long KibibyteBytes = 1024;
    private const long PageSize = 16384;
    private const int NameWidth = 34;
    private const int NumberWidth = 18;

    internal static async Task<int> SysctlAsync(ToolContext context)
    {
        var effects = await context.BeginAsync("sysctl", context.Arguments);
        var exitCode = 0;
        if (context.Arguments is not ["-n" or "-in", var name] || Value(name) is not { } value)
        {
            // -i passes over what is unknown.
            exitCode = context.Arguments is ["-in", _] ? 0 : 1;
            if (exitCode != 0)
            {
                context.Error.WriteLine($"sysctl: unknown oid '{string.Join(' ', context.Arguments)}'");
            }
        }
        else
        {
            context.Output.WriteLine(value);
        }

        context.End(effects);
        return exitCode;
    }

    internal static async Task<int> VmStatAsync(ToolContext context)
    {
        var effects = await context.BeginAsync("vm_stat", context.Arguments);
        context.Output.WriteLine($"Mach Virtual Memory Statistics: (page size of {PageSize} bytes)");
        (string Name, string Key)[] lines =
        [
            ("Pages free:", "MemFree:"), ("Pages active:", "Active:"), ("Pages inactive:", "Inactive:"), ("File-backed pages:", "Cached:"), ("Anonymous pages:", "AnonPages:"),
        ];
        foreach (var (name, key) in lines)
        {
            context.Output.WriteLine($"{name.PadRight(NameWidth)}{(Memory(key) / PageSize).ToString(CultureInfo.InvariantCulture).PadLeft(NumberWidth)}.");
        }

        context.End(effects);
        return 0;
    }

    private static string? Value(string name) => name switch
    {
        "hw.memsize" => Memory("MemTotal:").ToString(CultureInfo.InvariantCulture),
        "hw.ncpu" => Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
        "hw.model" => "VirtualMac2,1",
        "kern.hv_vmm_present" => "1",
        _ => null,
    };

    private static long Memory(string key) => KibibyteBytes * long.Parse(
        File.ReadLines("/proc/meminfo").First(line => line.StartsWith(key, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
