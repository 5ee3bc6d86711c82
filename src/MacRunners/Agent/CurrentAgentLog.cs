using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Agent;

/// <summary>
/// The link <c>Paths:Logs/agent.log</c>: the output of the agent that was started last, under a name that stays the same, for <c>tail -F</c>.
/// On a Mac a link of the package's leads to it from where people look for it.
/// </summary>
internal sealed partial class CurrentAgentLog(IOptions<PathsOptions> paths, ILogger<CurrentAgentLog> logger)
{
    /// <summary>Its name in the log folder, which is root's.</summary>
    public const string Name = "agent.log";

    private readonly Lock _gate = new();

    /// <summary>Lets it lead to a file of the log folder. A disk that refuses costs the link, never the job.</summary>
    public void LeadTo(string log)
    {
        var link = Path.Combine(paths.Value.Logs, Name);
        try
        {
            lock (_gate)
            {
                // Renamed into its place: whoever opens it finds one of the two logs.
                File.Delete(link + ".new");
                _ = File.CreateSymbolicLink(link + ".new", Path.GetRelativePath(paths.Value.Logs, log));
                File.Move(link + ".new", link, overwrite: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            NotLinked(logger, link, e.Message);
        }
    }

    [LoggerMessage(1441, LogLevel.Warning, "The link {Link} could not be set: {Why}")]
    private static partial void NotLinked(ILogger logger, string link, string why);
}
