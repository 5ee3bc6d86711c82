using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Agent;

/// <summary>The configured <c>buildkite-agent</c>: is it there, and which version is it?</summary>
internal sealed class AgentBinary(ITool tool, IOptions<AgentOptions> options, IOptions<BuildkiteOptions> buildkite) : IDisposable
{
    /// <summary>Time limit of <c>--version</c>.</summary>
    public static readonly TimeSpan VersionLimit = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _asking = new(1);
    private (DateTime Written, long Size, AgentVersion Version)? _known;

    /// <summary>Absolute path.</summary>
    public string Path => options.Value.Path!;

    /// <summary>The version, asked from the binary itself whenever the file has changed.</summary>
    /// <exception cref="AgentUnusableException">Missing, not executable, too readable, or of a version this daemon cannot drive.</exception>
    public async Task<AgentVersion> GetVersionAsync(CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            var file = new FileInfo(Path);
            if (!file.Exists)
            {
                throw new AgentUnusableException($"{Path} does not exist: install buildkite-agent {AgentVersion.Oldest} or later, or set Agent:Path");
            }

            if ((file.UnixFileMode & UnixFileMode.OtherExecute) == 0)
            {
                throw new AgentUnusableException($"{Path} is not executable for everybody: run chmod 755 {Path}");
            }

            // Linux lets processes of the same user look into each other's memory, except into that of a program they could not read.
            if (buildkite.Value.AllowAgentTokenFallback && (file.UnixFileMode & UnixFileMode.OtherRead) != 0)
            {
                throw new AgentUnusableException(
                    $"{Path} can be read by everybody, so a job could find the agent token in its agent's memory, where Buildkite:AllowAgentTokenFallback lets it be: run chmod 711 {Path}");
            }

            if (_known is { } known && known.Written == file.LastWriteTimeUtc && known.Size == file.Length)
            {
                return known.Version;
            }

            var version = await AskAsync(cancellationToken);
            _known = (file.LastWriteTimeUtc, file.Length, version);
            return version;
        }
        finally
        {
            _ = _asking.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _asking.Dispose();

    private async Task<AgentVersion> AskAsync(CancellationToken cancellationToken)
    {
        ToolResult answer;
        try
        {
            answer = await tool.RunAsync(Path, ["--version"], VersionLimit, cancellationToken);
        }
        catch (ToolException e)
        {
            throw new AgentUnusableException($"{e.Message}: is {Path} really buildkite-agent, for this processor?", e);
        }

        if (answer.ExitCode != 0 || AgentVersion.Parse(answer.Output) is not { } version)
        {
            throw new AgentUnusableException($"{Path} --version did not name a version ({answer.Summary}): is it really buildkite-agent?");
        }

        return version.IsSupported
            ? version
            : throw new AgentUnusableException($"{Path} is version {version}; supported are {AgentVersion.Oldest} up to, not including, {AgentVersion.TooNew}: install one of these");
    }
}

/// <summary>No job can run with the configured agent; the message says what to do.</summary>
internal sealed class AgentUnusableException(string message, Exception? inner = null) : Exception(message, inner);
