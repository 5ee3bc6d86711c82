using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;

namespace MacRunners.Diagnosis;

/// <summary>Does the network fence stand, or would it when the daemon starts?</summary>
internal sealed class FenceExamination(DaemonSettings settings, INetworkFence fence) : Examination("fence")
{
    /// <inheritdoc/>
    public override async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken) => [await LookAsync(cancellationToken)];

    private async Task<DoctorFinding> LookAsync(CancellationToken cancellationToken)
    {
        var plan = FencePlan.For(settings);
        if (!settings.Network.Fence)
        {
            return Warning("switched off (Network:Fence): jobs reach whatever this machine reaches", "Set Network:Fence to true.");
        }

        if (!Environment.IsPrivilegedProcess)
        {
            return Warning("skipped: only root can ask the packet filter", "Run doctor with sudo.");
        }

        try
        {
            if (!JournalFile.IsHeld(settings.Paths.State))
            {
                await fence.TryAsync(plan, cancellationToken);
                return Ok($"the packet filter takes the rules ({fence.Describe(plan)})");
            }

            if (settings.Http.Port == 0)
            {
                return Ok("a daemon runs, on a free port of its choice, which only it knows (check fence of /health)");
            }

            var differences = await fence.LookAsync(plan, cancellationToken);
            return differences.Count == 0
                ? Ok($"it stands ({fence.Describe(plan)})")
                : Failed(
                    $"it does not stand as configured ({fence.Describe(plan)}): {string.Join("; ", differences)}",
                    "The daemon puts it up again within seconds; see its log if not. After a change of the configuration: macrunners restart (running jobs go on).");
        }
        catch (ToolException e)
        {
            return Failed(e.Message, fence.Remedy);
        }
    }
}
