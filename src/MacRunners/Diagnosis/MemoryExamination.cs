using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Diagnosis;

/// <summary>Is there memory left?</summary>
internal sealed class MemoryExamination(IHostFigures host, IOptions<HealthOptions> health) : Examination("memory")
{
    private const long BytesPerMib = 1024 * 1024;

    /// <inheritdoc/>
    public override Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var memory = host.Memory();
        var what = $"{memory.AvailableBytes / BytesPerMib} of {memory.TotalBytes / BytesPerMib} MiB available, {host.Swap().UsedBytes / BytesPerMib} MiB of swap in use";
        return Task.FromResult<IReadOnlyList<DoctorFinding>>(
            [memory.AvailableBytes < health.Value.MinFreeMemoryBytes ? Warning(what, "Find out what uses it; a job may be killed for want of memory.") : Ok(what)]);
    }
}
