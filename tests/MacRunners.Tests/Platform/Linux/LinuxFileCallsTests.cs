using MacRunners.Platform.Linux;

namespace MacRunners.Tests.Platform.Linux;

public sealed class LinuxFileCallsTests() : FileCallsContract(new LinuxFileCalls());
