using MacRunners.Platform.MacOS;

namespace MacRunners.Tests.Platform.MacOS;

public sealed class MacProcessesTests() : ProcessTableContract(new MacProcesses());
