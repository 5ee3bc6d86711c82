using MacRunners.Platform;

namespace MacRunners.Diagnosis;

/// <summary>Does the account directory answer?</summary>
internal sealed class AccountsExamination(IAccountDirectory directory) : Examination("accounts")
{
    /// <inheritdoc/>
    public override async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken)
    {
        try
        {
            await directory.WaitUntilReadyAsync(cancellationToken);
            return [Ok($"the account directory answers; {(await directory.ListJobAccountsAsync(cancellationToken)).Count} accounts and groups of jobs")];
        }
        catch (AccountDirectoryException e)
        {
            return [Failed(e.Message, "Check the directory service (macOS: opendirectoryd); restart it or the machine.")];
        }
    }
}
