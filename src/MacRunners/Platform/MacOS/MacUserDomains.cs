using System.Globalization;

namespace MacRunners.Platform.MacOS;

/// <summary>launchd's domain of a user, and the folders the system keeps for one.</summary>
internal sealed partial class MacUserDomains(ITool tool, string root, ILogger<MacUserDomains> log) : IUserDomains
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly string _launchctl = root + "/bin/launchctl";

    /// <inheritdoc/>
    public IReadOnlyList<string> EnterCommand(uint uid) => [_launchctl, "asuser", uid.ToString(CultureInfo.InvariantCulture)];

    /// <inheritdoc/>
    public IReadOnlyList<string> EndCommand(uint uid) => [_launchctl, "bootout", $"user/{uid}"];

    /// <inheritdoc/>
    public async Task EndAsync(uint uid, CancellationToken cancellationToken)
    {
        try
        {
            var result = await tool.RunAsync(_launchctl, [.. EndCommand(uid).Skip(1)], Limit, cancellationToken);
            LogEnded(log, uid, result.Summary);
        }
        catch (ToolException e)
        {
            LogNotEnded(log, uid, e.Message);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> PrivateFolders(uint uid, Guid? generatedUid)
    {
        var folders = root + "/private/var/folders/";
        var withoutRecord = folders + UserFolders.For(UserFolders.WithoutRecord(uid), uid);
        return generatedUid is { } uuid ? [folders + UserFolders.For(uuid, uid), withoutRecord] : [withoutRecord];
    }

    [LoggerMessage(1601, LogLevel.Debug, "launchctl bootout user/{Uid} ended with {Answer}")]
    private static partial void LogEnded(ILogger logger, uint uid, string answer);

    [LoggerMessage(1602, LogLevel.Warning, "launchctl bootout user/{Uid} gave no answer: {Reason}. The process table decides")]
    private static partial void LogNotEnded(ILogger logger, uint uid, string reason);
}
