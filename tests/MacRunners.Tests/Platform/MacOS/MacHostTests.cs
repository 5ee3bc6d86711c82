using MacRunners.Platform.MacOS;

namespace MacRunners.Tests.Platform.MacOS;

public sealed class MacHostTests() : HostFiguresContract(new MacHost());
