using System.Reflection;
using System.Runtime.InteropServices;

namespace MacRunners.Tests.Platform.MacOS;

/// <summary>A C function as an assembly binds it, or as the emulated library offers it.</summary>
/// <param name="Method">The managed side; for a marshalled import the generated one beneath, with the native types.</param>
/// <param name="Library">Where it is looked for; empty for an export.</param>
/// <param name="Name">Symbol.</param>
internal sealed record NativeFunction(MethodInfo Method, string Library, string Name)
{
    private const string InodeSuffix = "$INODE64";

    /// <summary>Symbol without the suffix that tells the layouts of Intel Macs apart.</summary>
    internal string PlainName => HasSuffix ? Name[..^InodeSuffix.Length] : Name;

    internal bool HasSuffix => Name.EndsWith(InodeSuffix, StringComparison.Ordinal);

    internal int Parameters => Method.GetParameters().Length;

    /// <summary>Part of the code that runs on Linux alone, where a variadic argument travels like any other.</summary>
    internal bool IsLinuxOnly => Method.DeclaringType!.Namespace!.Contains(".Platform.Linux", StringComparison.Ordinal);

    /// <summary>For messages.</summary>
    public override string ToString() => $"{Method.DeclaringType!.Name}: {Name}({Parameters})";

    internal static IReadOnlyList<NativeFunction> ImportsOf(Assembly assembly) =>
    [
        .. from method in Methods(assembly)
           let import = method.GetCustomAttribute<DllImportAttribute>()
           where import is not null
           select new NativeFunction(method, import.Value, import.EntryPoint ?? method.Name),
    ];

    internal static IReadOnlyList<NativeFunction> ExportsOf(Assembly assembly) =>
    [
        .. from method in Methods(assembly)
           let export = method.GetCustomAttribute<UnmanagedCallersOnlyAttribute>()
           where export?.EntryPoint is not null
           select new NativeFunction(method, "", export.EntryPoint!),
    ];

    private static IEnumerable<MethodInfo> Methods(Assembly assembly) => assembly.GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly));
}
