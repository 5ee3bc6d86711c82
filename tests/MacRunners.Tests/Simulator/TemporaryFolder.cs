namespace MacRunners.Tests.Simulator;

/// <summary>A folder of the test's own, gone with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("macrunners-sim-").FullName;

    public string Below(string name) => System.IO.Path.Combine(Path, name);

#pragma warning disable RS0030 // Nothing but this test writes here.
    public void Dispose() => Directory.Delete(Path, recursive: true);
#pragma warning restore RS0030
}
