using System.Runtime.InteropServices;

namespace MacRunners.Simulator.Agent.Processes;

/// <summary>One call of <c>posix_spawn</c>: every step is checked, signals of the child are as a fresh process has them.</summary>
internal sealed unsafe class SpawnRequest : IDisposable
{
    private const int StructureSize = 512;
    private const int SignalSetSize = 128;
    private const short SetGroup = 0x02;
    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const short SetSessionLinux = 0x80;
    private const short CloseOnExecDarwin = 0x4000;
    private const int ReadWrite = 2;

    private readonly byte* _actions = (byte*)NativeMemory.AllocZeroed(StructureSize);
    private readonly byte* _attributes = (byte*)NativeMemory.AllocZeroed(StructureSize);
    private short _placement;

    public SpawnRequest(string folder)
    {
        Check(NativeCalls.FileActionsInit(_actions));
        Check(NativeCalls.AttributesInit(_attributes));
        Check(NativeCalls.FileActionsAddChdir(_actions, folder));
    }

    /// <summary>A new session with the terminal as its controlling one, where opening a terminal is enough for that.</summary>
    public void LeadSession() => _placement = SetSessionLinux;

    public void LeadGroup() => _placement = SetGroup;

    public void Open(int fd, string path) => Check(NativeCalls.FileActionsAddOpen(_actions, fd, path, ReadWrite, 0));

    public void Duplicate(int from, int to) => Check(NativeCalls.FileActionsAddDup2(_actions, from, to));

    /// <summary>Starts the program and returns its process id; throws <see cref="SpawnException"/>.</summary>
    public int Start(ChildPlan plan)
    {
        var signals = stackalloc byte[SignalSetSize];
        var flags = (short)(SetSignalDefaults | SetSignalMask | _placement);
        Check(NativeCalls.AttributesSetFlags(_attributes, OperatingSystem.IsMacOS() ? (short)(flags | CloseOnExecDarwin) : flags));
        Check(NativeCalls.SignalSetFill(signals));
        Check(NativeCalls.AttributesSetSignalDefaults(_attributes, signals));
        Check(NativeCalls.SignalSetClear(signals));
        Check(NativeCalls.AttributesSetSignalMask(_attributes, signals));
        using var path = new NativeStrings([plan.Path]);
        using var argv = new NativeStrings([plan.Argument0 ?? plan.Path, .. plan.Arguments]);
        using var envp = new NativeStrings(plan.Environment);
        var error = NativeCalls.PosixSpawn(out var pid, path.Pointer[0], _actions, _attributes, argv.Pointer, envp.Pointer);
        return error == 0 ? pid : throw new SpawnException($"fork/exec {plan.Path}: {ErrorText.Of(error)}");
    }

    public void Dispose()
    {
        _ = NativeCalls.FileActionsDestroy(_actions);
        _ = NativeCalls.AttributesDestroy(_attributes);
        NativeMemory.Free(_actions);
        NativeMemory.Free(_attributes);
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new SpawnException($"fork/exec: {ErrorText.Of(error)}");
        }
    }
}
