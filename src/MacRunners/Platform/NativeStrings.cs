using System.Runtime.InteropServices;
using System.Text;

namespace MacRunners.Platform;

/// <summary>A NULL-terminated vector of C strings for <c>execve</c>, in memory that the garbage collector never touches.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly int _count;

    internal NativeStrings(IReadOnlyCollection<string> values)
    {
        _count = values.Count;
        Pointer = (byte**)NativeMemory.AllocZeroed((nuint)_count + 1, (nuint)sizeof(byte*));
        var next = Pointer;
        foreach (var value in values)
        {
            var length = Encoding.UTF8.GetByteCount(value);
            *next = (byte*)NativeMemory.AllocZeroed((nuint)length + 1);
            Encoding.UTF8.GetBytes(value, new Span<byte>(*next, length));
            next++;
        }
    }

    internal byte** Pointer { get; }

    public void Dispose()
    {
        for (var i = 0; i < _count; i++)
        {
            NativeMemory.Free(Pointer[i]);
        }

        NativeMemory.Free(Pointer);
    }
}
