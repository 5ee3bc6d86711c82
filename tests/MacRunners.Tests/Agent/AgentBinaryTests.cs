using MacRunners.Agent;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Options;

namespace MacRunners.Tests.Agent;

public sealed class AgentBinaryTests : IDisposable
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_001_001;
    private readonly Scratch _scratch = new();

    public AgentBinaryTests() => File.WriteAllText(_scratch["agent"], "#!/bin/sh\necho buildkite-agent version 3.87.0, build 1\n");

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(false, true, true)]
    [InlineData(false, false, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    public async Task With_the_fallback_it_must_not_be_readable(bool fallback, bool readable, bool usable)
    {
        File.SetUnixFileMode(_scratch["agent"], Executable | (readable ? UnixFileMode.OtherRead : 0));
        using var binary = new AgentBinary(
            new Tool(TimeProvider.System),
            Options.Create(new AgentOptions { Path = _scratch["agent"] }),
            Options.Create(new BuildkiteOptions { AllowAgentTokenFallback = fallback }));

        var look = binary.GetVersionAsync(TestContext.Current.CancellationToken);

        if (usable)
        {
            Assert.Equal(new AgentVersion(3, 87, 0), await look);
        }
        else
        {
            Assert.Contains($"chmod 711 {_scratch["agent"]}", (await Assert.ThrowsAsync<AgentUnusableException>(() => look)).Message, StringComparison.Ordinal);
        }
    }
}
