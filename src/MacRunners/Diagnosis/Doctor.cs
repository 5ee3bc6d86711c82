using MacRunners.Agent;
using MacRunners.Platform;

namespace MacRunners.Diagnosis;

/// <summary>Runs examinations: those that only look all at once, then those that change something, one after another.</summary>
internal sealed class Doctor(IReadOnlyList<Examination> examinations, TimeProvider time)
{
    /// <summary>Everything that was found, in the order of the examinations.</summary>
    public async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var findings = new Dictionary<Examination, IReadOnlyList<DoctorFinding>>();
        var looking = examinations.Where(examination => !examination.RunsAlone).ToList();
        var answers = await Task.WhenAll(looking.Select(examination => ExamineAsync(examination, cancellationToken)));
        foreach (var (examination, answer) in looking.Zip(answers))
        {
            findings[examination] = answer;
        }

        foreach (var examination in examinations.Where(examination => examination.RunsAlone))
        {
            findings[examination] = await ExamineAsync(examination, cancellationToken);
        }

        return [.. examinations.SelectMany(examination => findings[examination])];
    }

    private async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(Examination examination, CancellationToken cancellationToken)
    {
        try
        {
            // On a thread of the pool: a look may block in a system call, of a dead disk for instance, before it returns a task.
            return await Task.Run(() => examination.ExamineAsync(cancellationToken), cancellationToken).WaitAsync(examination.Limit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return [Broken($"gave no answer within {examination.Limit.TotalSeconds:0} s", "Look for a hanging disk, directory service or program on this machine; else recycle it.")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or AccountDirectoryException or AgentUnusableException or ToolException)
        {
            return [Broken(e.Message, "Remove the cause, then run doctor again.")];
        }

        DoctorFinding Broken(string what, string remedy) => new(examination.Name, DoctorStatus.Failed, what, remedy);
    }
}
