using System.Globalization;
using MacRunners.Simulator.Trial;

namespace MacRunners.EndToEnd;

/// <summary>User numbers for one machine, which no other machine of any test run on this host has meanwhile.</summary>
internal sealed class UidBlock : IDisposable
{
    private const int FirstOfAll = 300000;
    private const int Size = 10000;
    private const int Blocks = 40;

    private readonly FileStream _lock;

    private UidBlock(int first, FileStream held)
    {
        First = first;
        _lock = held;
    }

    /// <summary>First number of the block.</summary>
    public int First { get; }

    /// <summary>Takes a free block; the operating system frees it should this process be killed.</summary>
    public static UidBlock Take()
    {
        var folder = Path.Combine(TrialMachine.Parent, ".uids");
        _ = Directory.CreateDirectory(folder, (UnixFileMode)0b111_101_101);
        for (var first = FirstOfAll; first < FirstOfAll + (Blocks * Size); first += Size)
        {
            try
            {
                var path = Path.Combine(folder, first.ToString(CultureInfo.InvariantCulture));
                return new UidBlock(first, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException)
            {
                // Another machine has it.
            }
        }

        throw new InvalidOperationException($"All {Blocks} blocks of numbers are in use: are other test runs under way on this host?");
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
