using MacRunners.Platform;
using MacRunners.Platform.MacOS;

namespace MacRunners.Tests.Platform.MacOS;

public sealed class MacKernelObjectsTests(EmulatedMac mac) : KernelObjectsContract, IClassFixture<EmulatedMac>
{
    private protected override IKernelObjects Objects { get; } = new MacKernelObjects(new Tool(TimeProvider.System), mac.Root);

    [Fact]
    public void The_maker_counts_by_name_and_by_number()
    {
        const string output = """
            IPC status from <running system> as of Thu Nov 26 01:00:00 UTC 2026
            T     ID     KEY        MODE       OWNER    GROUP  CREATOR   CGROUP
            Message Queues:

            T     ID     KEY        MODE       OWNER    GROUP  CREATOR   CGROUP
            Shared Memory:
            m  65536 0x0052e2c1 --rw------- someone bk-one bk-one bk-one
            m  65537 0x0052e2c2 --rw-------      501    staff      501    staff
            m  65538 0x0052e2c3 --rw-r--r-- someone    staff     7001 staff
            Semaphores:
            s  65539 0x0052e2c4 --ra-------     7001     7001     7001     7001
            s  65540 0x0052e2c5 --ra-------    17001    17001    17001    17001

            """;

        Assert.Equal(
            [
                new KernelObject(KernelObjectKind.SharedMemory, "65536"),
                new KernelObject(KernelObjectKind.SharedMemory, "65538"),
                new KernelObject(KernelObjectKind.Semaphores, "65539"),
            ],
            MacKernelObjects.Parse(output, "bk-one", 7001));
    }
}
