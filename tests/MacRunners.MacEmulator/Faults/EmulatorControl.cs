using System.Text.Json;
using MacRunners.MacEmulator.Launchd;
using MacRunners.MacEmulator.Root;

namespace MacRunners.MacEmulator.Faults;

/// <summary>What tests see of an emulator: they set the faults and read which commands were called.</summary>
/// <param name="root">Path of the emulator's root.</param>
internal sealed class EmulatorControl(string root)
{
    private readonly EmulatorRoot _root = new(root);

    /// <summary>How launchd treats services that are loaded from now on.</summary>
    internal void Bend(LaunchdSettings settings) => RootOnlyFile.WriteJson(_root.LaunchdSettings, settings, LaunchdJson.Default.LaunchdSettings);

    /// <summary>What kind of machine this is from now on.</summary>
    internal void Describe(Machine machine) => Machine.Change(_root, _ => machine);

    /// <summary>Replaces all faults.</summary>
    internal void Inject(params IReadOnlyList<FaultRule> rules) => Change(_ => [.. rules]);

    /// <summary>Adds faults to those there are.</summary>
    internal void Add(params IReadOnlyList<FaultRule> rules) => Change(present => [.. present, .. rules]);

    /// <summary>Nothing goes wrong any more.</summary>
    internal void Clear() => Change(_ => []);

    /// <summary>The faults with what is left of their counters.</summary>
    internal IReadOnlyList<FaultRule> Faults()
    {
        using var held = StateLock.Take(_root);
        return Read();
    }

    /// <summary>All calls so far, oldest first.</summary>
    internal IReadOnlyList<ToolCall> Calls()
    {
        using var held = StateLock.Take(_root);
        return File.Exists(_root.Calls)
            ? [.. File.ReadLines(_root.Calls).Select(line => JsonSerializer.Deserialize(line, CallJson.Default.ToolCall)!)]
            : [];
    }

    /// <summary>Appends a call.</summary>
    internal void Log(ToolCall call)
    {
        using var held = StateLock.Take(_root);
        var options = new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using var stream = new FileStream(_root.Calls, options);
        try
        {
            stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(call, CallJson.Default.ToolCall), (byte)'\n']);
        }
        catch (IOException)
        {
            // On a disk that is full. A Mac's tools keep no such list: they must not fail for it.
        }
    }

    /// <summary>Reads and rewrites the rules as one step.</summary>
    internal void Change(Func<IReadOnlyList<FaultRule>, List<FaultRule>> change)
    {
        using var held = StateLock.Take(_root);
        var present = Read();
        var changed = change(present);
        if (!changed.SequenceEqual(present))
        {
            RootOnlyFile.WriteJson(_root.Faults, changed, FaultJson.Default.ListFaultRule);
        }
    }

    private List<FaultRule> Read() => RootOnlyFile.ReadJson(_root.Faults, FaultJson.Default.ListFaultRule) ?? [];
}
