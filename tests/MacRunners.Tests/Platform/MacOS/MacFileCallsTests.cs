using MacRunners.Platform.MacOS;

namespace MacRunners.Tests.Platform.MacOS;

public sealed class MacFileCallsTests() : FileCallsContract(new MacFileCalls());
