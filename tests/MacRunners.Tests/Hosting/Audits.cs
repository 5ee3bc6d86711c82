using MacRunners.Hosting.Configuration;
using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Logging.Abstractions;

namespace MacRunners.Tests.Hosting;

/// <summary>Runs the audit over a machine on which nothing is wrong but what the test writes.</summary>
internal sealed class Audits : IDisposable
{
    private readonly Scratch _scratch = RootFolder.Create();

    internal Audits()
    {
        File.WriteAllText(_scratch["agent"], "#!/bin/sh\n");
        File.SetUnixFileMode(_scratch["agent"], UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        Environment["MACRUNNERS_Agent__Path"] = _scratch["agent"];
    }

    internal Dictionary<string, string> Environment { get; } = [];

    internal string this[string name] => _scratch[name];

    public void Dispose() => _scratch.Dispose();

    internal ConfigurationAudit OfFile(string json, params string[] overrides)
    {
        File.WriteAllText(_scratch["macrunners.json"], json);
        return Run(_scratch["macrunners.json"], overrides);
    }

    internal ConfigurationAudit Run(string? file, params string[] overrides) => ConfigurationAudit.Run(
        new ConfigurationSources(file, Environment, overrides),
        _ => new LinuxPlatform(new Tool(TimeProvider.System), TimeSpan.FromSeconds(30), TimeProvider.System, NullLoggerFactory.Instance),
        hasTokenInEnvironment: true);
}
