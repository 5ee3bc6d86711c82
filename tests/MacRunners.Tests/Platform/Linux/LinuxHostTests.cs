using MacRunners.Platform.Linux;

namespace MacRunners.Tests.Platform.Linux;

public sealed class LinuxHostTests() : HostFiguresContract(new LinuxHost());
