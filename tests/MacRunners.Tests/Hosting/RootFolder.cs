using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Hosting;

/// <summary>A place like those the daemon accepts: no component can be changed by anybody but root.</summary>
internal static class RootFolder
{
    private const string Parent = "/var/lib/macrunners-dev";

    internal static Scratch Create()
    {
        Directory.CreateDirectory(Parent);
        return new Scratch(Parent);
    }
}
