using MacRunners.Platform;
using MacRunners.Platform.Linux;

namespace MacRunners.Tests.Platform.Linux;

public sealed class LinuxKernelObjectsTests : KernelObjectsContract
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    private protected override IKernelObjects Objects { get; } = new LinuxKernelObjects(new LinuxFileCalls());

    [Fact]
    public async Task A_queue_of_POSIX_is_found_under_any_name_and_removed()
    {
        var uid = TestNumbers.Next();
        var name = $"macrunners {uid}\n";
        Scratch.Shell(
            """
            setpriv --reuid "$1" --regid "$1" --clear-groups /usr/bin/python3 -c '
            import ctypes, os, sys
            assert ctypes.CDLL("librt.so.1").mq_open(b"/" + os.fsencode(sys.argv[1]), os.O_CREAT | os.O_RDWR, 0o600, None) >= 0' "$2"
            """,
            $"{uid}",
            name);

        var found = Assert.Single(await Objects.MadeByAsync("bk-x", uid, Cancel));
        Assert.Equal(KernelObjectKind.PosixQueue, found.Kind);
        await Objects.RemoveAsync([found], Cancel);

        Assert.Empty(await Objects.MadeByAsync("bk-x", uid, Cancel));
    }

    [Fact]
    public void A_table_with_other_columns_is_refused() =>
        Assert.Contains("other columns", Assert.Throws<ToolException>(() => LinuxKernelObjects.OwnedBy(["key shmid perms"], 1, "shmid").ToList()).Message, StringComparison.Ordinal);
}
