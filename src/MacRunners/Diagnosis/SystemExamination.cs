using MacRunners.Agent;
using MacRunners.Health;
using MacRunners.Platform;

namespace MacRunners.Diagnosis;

/// <summary>Is the operating system set up for jobs, and has it the developer tools that the tags promise?</summary>
internal sealed class SystemExamination(IPlatform platform, GrowthWatch growth, IReadOnlyList<string> tags) : Examination("system")
{
    /// <inheritdoc/>
    public override async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var findings = (await platform.Conditions.LookAsync(cancellationToken))
            .Concat(await growth.LookAsync(cancellationToken))
            .Select(Finding)
            .ToList();
        if (platform.Places.DeveloperFolders.Count > 0)
        {
            findings.AddRange(DeveloperFolder.Promised(tags).Select(Xcode));
        }

        return findings.Count > 0 ? findings : [Ok($"nothing about {platform.Name} needs an examination of its own")];
    }

    private DoctorFinding Finding(SystemCondition condition) => condition switch
    {
        { Remedy: null } => Ok(condition.What),
        { IsFatal: true } => Failed(condition.What, condition.Remedy),
        _ => Warning(condition.What, condition.Remedy),
    };

    private DoctorFinding Xcode(string version) => DeveloperFolder.Find(version, platform.Places.DeveloperFolders) is { } folder
        ? Ok($"xcode={version}: {folder}")
        : Warning(
            $"xcode={version} is promised by Buildkite:Tags, but not installed: jobs get no DEVELOPER_DIR by it",
            DeveloperFolder.PlacesOf(version, platform.Places.DeveloperFolders) is { Count: > 0 } places
                ? $"Install it as {string.Join(" or ", places.Select(place => place.Replace("/Contents/Developer", "", StringComparison.Ordinal)))}, or remove the tag."
                : "Write a version, such as xcode=16.2, or remove the tag.");
}
