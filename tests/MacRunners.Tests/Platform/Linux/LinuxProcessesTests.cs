using MacRunners.Platform.Linux;

namespace MacRunners.Tests.Platform.Linux;

public sealed class LinuxProcessesTests() : ProcessTableContract(new LinuxProcesses());
