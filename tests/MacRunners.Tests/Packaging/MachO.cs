using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MacRunners.Tests.Packaging;

/// <summary>The parts of a thin 64-bit Mach-O file that decide whether a Mac starts it.</summary>
internal sealed class MachO
{
    private const uint Magic64 = 0xfeedfacf;
    private const int HeaderSize = 32;
    private const uint CodeSignature = 0x1d;
    private const uint BuildVersion = 0x32;
    private const uint SuperBlob = 0xfade0cc0;
    private const uint CodeDirectoryMagic = 0xfade0c02;

    private readonly byte[] _file;
    private readonly Dictionary<uint, int> _commands = [];

    public MachO(string path)
    {
        _file = File.ReadAllBytes(path);
        Assert.Equal(Magic64, Little(0));
        var at = HeaderSize;
        for (var left = Little(16); left > 0; left--)
        {
            _commands[Little(at)] = at;
            at += (int)Little(at + 4);
        }
    }

    /// <summary><c>cputype</c>.</summary>
    public uint Processor => Little(4);

    /// <summary><c>filetype</c>: 2 is an executable.</summary>
    public uint Kind => Little(12);

    /// <summary>Platform of <c>LC_BUILD_VERSION</c>: 1 is macOS.</summary>
    public uint Platform => Little(_commands[BuildVersion] + 8);

    /// <summary>Oldest system it starts on.</summary>
    public Version MinimumSystem => Little(_commands[BuildVersion] + 12) is var packed ? new Version((int)(packed >> 16), (int)(packed >> 8 & 0xff)) : throw new InvalidOperationException();

    /// <summary>Whether there is a code signature.</summary>
    public bool IsSigned => _commands.ContainsKey(CodeSignature);

    /// <summary>Flags of the code directory: 2 is ad hoc, 0x10000 the hardened runtime.</summary>
    public uint SignatureFlags => Big(CodeDirectory() + 12);

    /// <summary>The name the signature gives it.</summary>
    public string Identifier
    {
        get
        {
            var directory = CodeDirectory();
            var start = directory + (int)Big(directory + 20);
            return System.Text.Encoding.UTF8.GetString(_file, start, Array.IndexOf(_file, (byte)0, start) - start);
        }
    }

    /// <summary>Pages whose content is not what was signed: the kernel kills the program when it touches one of them.</summary>
    public IReadOnlyList<int> WrongPages()
    {
        var directory = CodeDirectory();
        const byte sha256 = 2;
        Assert.Equal(sha256, _file[directory + 37]);
        var hashes = directory + (int)Big(directory + 16);
        var limit = (int)Big(directory + 32);
        var pageSize = 1 << _file[directory + 39];
        var pages = (int)Big(directory + 28);
        Assert.Equal((limit + pageSize - 1) / pageSize, pages);
        return [.. Enumerable.Range(0, pages).Where(page =>
        {
            var start = page * pageSize;
            var hash = SHA256.HashData(_file.AsSpan(start, Math.Min(pageSize, limit - start)));
            return !hash.AsSpan().SequenceEqual(_file.AsSpan(hashes + (page * SHA256.HashSizeInBytes), SHA256.HashSizeInBytes));
        })];
    }

    private int CodeDirectory()
    {
        var blob = (int)Little(_commands[CodeSignature] + 8);
        Assert.Equal(SuperBlob, Big(blob));
        return Enumerable.Range(0, (int)Big(blob + 8))
            .Select(index => blob + (int)Big(blob + 12 + (index * 8) + 4))
            .Single(at => Big(at) == CodeDirectoryMagic);
    }

    private uint Little(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_file.AsSpan(at));

    private uint Big(int at) => BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(at));
}
