using MacRunners.Platform;
using MacRunners.Settings;

namespace MacRunners.Diagnosis;

/// <summary>Can each home be what <c>Accounts:Home</c> says?</summary>
internal sealed class HomesExamination(IHomeVolumes volumes, AccountsOptions accounts, PathsOptions paths) : Examination("homes")
{
    /// <inheritdoc/>
    public override async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken)
    {
        if (accounts.Home is not HomeKind.Volume)
        {
            return [Ok($"homes are folders in {paths.Homes}")];
        }

        try
        {
            var condition = await volumes.LookAsync(paths.Homes, cancellationToken);
            return [condition.Remedy is { } remedy ? Failed(condition.What, remedy) : Ok(condition.What)];
        }
        catch (ToolException e)
        {
            return [Failed(e.Message, "Put Paths:Homes on an APFS volume that diskutil shows, or leave Accounts:Home out: homes are folders then.")];
        }
    }
}
