using System.Text;
using MacRunners.Platform;

namespace MacRunners.Hosting;

/// <summary>
/// The cluster token from <c>Buildkite:TokenFile</c>, read again whenever the file has changed. A change for the worse
/// (gone, readable by others, empty) keeps the last good token, so that a slip during a rotation does not stop the
/// machine; it is logged once.
/// </summary>
/// <param name="path">Absolute; its folders belong to root, which start-up has checked.</param>
/// <param name="files">To look at the file without following links.</param>
/// <param name="time">Clock for the age.</param>
/// <param name="log">Where changes are reported; never the token.</param>
internal sealed partial class AgentTokenFile(string path, IFileCalls files, TimeProvider time, ILogger<AgentTokenFile> log) : IAgentToken
{
    /// <summary>No real token comes near it; a log file named by mistake does not end up in the memory.</summary>
    private const int MostBytes = 4096;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Lock _lock = new();
    private string? _token;
    private FileVersion? _seen;
    private DateTimeOffset _changedAt;

    /// <inheritdoc/>
    public TimeSpan? Age
    {
        get
        {
            lock (_lock)
            {
                return _token is null ? null : time.GetUtcNow() - _changedAt;
            }
        }
    }

    /// <inheritdoc/>
    public string Current()
    {
        lock (_lock)
        {
            var version = Look();
            if (version != _seen)
            {
                Reread(version);
                _seen = version;
            }

            return _token ?? throw new AgentTokenException($"{path}: there is no usable token: {Problem(version) ?? "it could not be read"}");
        }
    }

    private void Reread(FileVersion? version)
    {
        try
        {
            if (Problem(version) is { } problem)
            {
                throw new AgentTokenException(problem);
            }

            var token = Read();
            if (token != _token)
            {
                _changedAt = new DateTimeOffset(version!.Value.Modified, TimeSpan.Zero);
                _token = token;
                TokenRead(path);
            }
        }
        catch (Exception e) when (_token is not null && e is (IOException or UnauthorizedAccessException))
        {
            TokenUnusable(path, e.Message);
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not AgentTokenException)
        {
            throw new AgentTokenException($"{path} could not be read: {e.Message}", e);
        }
    }

    private string Read()
    {
        Span<byte> content = stackalloc byte[MostBytes + 1];
        using var file = File.OpenHandle(path);
        var length = RandomAccess.Read(file, content, 0);
        var token = length > MostBytes ? "" : Encoding.UTF8.GetString(content[..length]).Trim();
        content.Clear();
        return token.Length > 0 && token.All(c => c is > ' ' and <= '~')
            ? token
            : throw new AgentTokenException("it does not hold one token of printable characters");
    }

    private FileVersion? Look()
    {
        using var folder = files.OpenDirectory(Path.GetDirectoryName(path)!);
        return files.Stat(folder, Path.GetFileName(path)) is { } status ? new FileVersion(status, File.GetLastWriteTimeUtc(path)) : null;
    }

    private static string? Problem(FileVersion? version) => version switch
    {
        null => "it does not exist",
        { Status.Kind: not FileKind.Other } => "it is not a regular file",
        { Status.Uid: not 0 } => "it does not belong to root",
        { Status.Mode: var mode } when (mode & ~OwnerOnly) != 0 => "it must have mode 0600",
        _ => null,
    };

    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "The cluster token was read from {Path}")]
    private partial void TokenRead(string path);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "The cluster token in {Path} has become unusable: {Problem}. The previous one stays in use; put the file right")]
    private partial void TokenUnusable(string path, string problem);

    /// <summary>Differs after every change that matters: content, owner, mode, or another file under the same name.</summary>
    private readonly record struct FileVersion(FileStatus Status, DateTime Modified);
}
