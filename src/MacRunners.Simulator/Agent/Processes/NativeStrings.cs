using System.Runtime.InteropServices;
using System.Text;

namespace MacRunners.Simulator.Agent.Processes;

/// <summary>A null-terminated array of C strings for <c>argv</c> and <c>envp</c>, freed on disposal.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly int _count;

    public NativeStrings(IReadOnlyList<string> values)
    {
        Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(values.Count + 1), (nuint)sizeof(byte*));
        foreach (var value in values)
        {
            var length = Encoding.UTF8.GetByteCount(value);
            var text = (byte*)NativeMemory.Alloc((nuint)length + 1);
            Encoding.UTF8.GetBytes(value, new Span<byte>(text, length));
            text[length] = 0;
            Pointer[_count++] = text;
        }
    }

    public byte** Pointer { get; private set; }

    public void Dispose()
    {
        for (var i = 0; i < _count && Pointer is not null; i++)
        {
            NativeMemory.Free(Pointer[i]);
        }

        NativeMemory.Free(Pointer);
        Pointer = null;
    }
}
