using System.Text.RegularExpressions;
using MacRunners.Platform;

namespace MacRunners.Tests.Platform;

/// <summary>What every platform must find and remove in the kernel: real objects of a real number.</summary>
public abstract partial class KernelObjectsContract : IDisposable
{
    private const string Name = "bk-without-record";
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly uint _uid = TestNumbers.Next();
    private readonly uint _other = TestNumbers.Next();
    private protected abstract IKernelObjects Objects { get; }

    public void Dispose()
    {
        foreach (var uid in new[] { _uid, _other })
        {
            Scratch.Shell(
                """
                for kind in m:shm s:sem q:msg; do
                    awk -v uid="$1" 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next } $column["uid"] == uid || $column["cuid"] == uid { print $2 }' "/proc/sysvipc/${kind#*:}" |
                        xargs -r -n 1 ipcrm "-${kind%:*}"
                done
                """,
                $"{uid}");
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Objects_of_the_number_and_no_others_are_found_and_removed()
    {
        var own = new[]
        {
            new KernelObject(KernelObjectKind.SharedMemory, Make(_uid, "-M 64")),
            new KernelObject(KernelObjectKind.Semaphores, Make(_uid, "-S 2")),
            new KernelObject(KernelObjectKind.MessageQueue, Make(_uid, "-Q")),
        };
        var foreign = new KernelObject(KernelObjectKind.SharedMemory, Make(_other, "-M 64"));

        var found = await Objects.MadeByAsync(Name, _uid, Cancel);
        Assert.Equivalent(own, found, strict: true);

        // One that is gone already does not keep the others.
        await Objects.RemoveAsync([found[0]], Cancel);
        await Objects.RemoveAsync(found, Cancel);

        Assert.Empty(await Objects.MadeByAsync(Name, _uid, Cancel));
        Assert.Equal([foreign], await Objects.MadeByAsync(Name, _other, Cancel));
    }

    [Fact]
    public async Task One_that_was_given_to_somebody_else_is_still_its_maker_s()
    {
        var id = Make(_uid, "-M 64");
        Scratch.Shell(
            """
            setpriv --reuid "$1" --regid "$1" --clear-groups /usr/bin/python3 -c '
            import ctypes, sys
            libc = ctypes.CDLL(None, use_errno=True)
            status = ctypes.create_string_buffer(256)
            assert libc.shmctl(int(sys.argv[1]), 2, status) == 0
            ctypes.c_uint32.from_buffer(status, 4).value = int(sys.argv[2])
            assert libc.shmctl(int(sys.argv[1]), 1, status) == 0' "$2" "$3"
            """,
            $"{_uid}",
            id,
            $"{_other}");

        Assert.Equal([new KernelObject(KernelObjectKind.SharedMemory, id)], await Objects.MadeByAsync(Name, _uid, Cancel));
        Assert.Empty(await Objects.MadeByAsync(Name, _other, Cancel));
    }

    /// <summary>Makes an object as that user, by the options of <c>ipcmk</c>, and returns its number.</summary>
    internal static string Make(uint uid, string options) =>
        Number.Match(Scratch.Shell($"setpriv --reuid \"$1\" --regid \"$1\" --clear-groups ipcmk {options}", $"{uid}")).Value;

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number { get; }
}
