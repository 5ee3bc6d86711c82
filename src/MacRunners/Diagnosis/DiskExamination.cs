using MacRunners.Health;
using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Diagnosis;

/// <summary>Is there room for journal and homes?</summary>
internal sealed class DiskExamination(IFileCalls files, PathsOptions paths, IOptions<HealthOptions> health) : Examination("disk")
{
    /// <inheritdoc/>
    public override Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var space = new FreeSpace(files, Options.Create(new PathsOptions { State = Existing(paths.State), Homes = Existing(paths.Homes) }), health);
        var look = space.Look();
        return Task.FromResult<IReadOnlyList<DoctorFinding>>(
        [
            look.IsTooLittle ? Failed(look.Detail, look.Remedy) : look.IsScarce ? Warning(look.Detail, look.Remedy) : Ok(look.Detail),
        ]);
    }

    // Before the first start the folders are not there yet; they will be made on the volume of what is.
    private static string Existing(string path)
    {
        while (!Directory.Exists(path) && Path.GetDirectoryName(path) is { } parent)
        {
            path = parent;
        }

        return path;
    }
}
