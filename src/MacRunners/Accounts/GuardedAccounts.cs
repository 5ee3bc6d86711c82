using MacRunners.Platform;

namespace MacRunners.Accounts;

/// <summary>
/// The account directory behind a circuit breaker. Each call of a directory service that hangs costs its whole time limit: after
/// <see cref="MostUnanswered"/> calls in a row without an answer no further account is created. Any answer, to whatever call, ends that;
/// without one, a creation is let through for trial after each <see cref="Break"/>.
/// </summary>
/// <remarks>Deleting and looking always go through, since leaving an account is worse than waiting. What becomes of them counts all the same.</remarks>
internal sealed partial class GuardedAccounts(IAccountDirectory inner, TimeProvider time, ILogger<GuardedAccounts> logger) : IAccountDirectory
{
    /// <summary>Calls in a row without an answer after which no account is created.</summary>
    public const int MostUnanswered = 3;

    /// <summary>Pause before a creation is tried again.</summary>
    public static readonly TimeSpan Break = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private int _unanswered;
    private DateTimeOffset _since;
    private long _lastUnanswered;
    private bool _isOnTrial;

    /// <summary>Since when the directory service does not answer, with the remedy; null while accounts are created.</summary>
    public string? Unanswered
    {
        get
        {
            lock (_gate)
            {
                return _unanswered < MostUnanswered
                    ? null
                    : $"the directory service has not answered since {_since:u} ({_unanswered} calls in a row without an answer in time): no account is created until it answers again. Restart it (macOS: opendirectoryd) or the machine";
            }
        }
    }

    /// <inheritdoc/>
    public Task WaitUntilReadyAsync(CancellationToken cancellationToken) => CountAsync(async () =>
    {
        await inner.WaitUntilReadyAsync(cancellationToken);
        return true;
    });

    /// <inheritdoc/>
    public string NameFor(Guid job) => inner.NameFor(job);

    /// <inheritdoc/>
    public string? HolderOf(uint id) => inner.HolderOf(id);

    /// <inheritdoc/>
    public AccountCommands CommandsFor(AccountSpec spec) => inner.CommandsFor(spec);

    /// <inheritdoc/>
    public async Task<AccountCreation> CreateAsync(AccountSpec spec, CancellationToken cancellationToken)
    {
        var isTrial = Admit();
        try
        {
            return await CountAsync(() => inner.CreateAsync(spec, cancellationToken));
        }
        finally
        {
            if (isTrial)
            {
                lock (_gate)
                {
                    _isOnTrial = false;
                }
            }
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) => CountAsync(async () =>
    {
        await inner.DeleteAsync(name, cancellationToken);
        return true;
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> NeutraliseAsync(string name, CancellationToken cancellationToken) =>
        CountAsync(() => inner.NeutraliseAsync(name, cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyList<AccountEntry>> ListJobAccountsAsync(CancellationToken cancellationToken) =>
        CountAsync(() => inner.ListJobAccountsAsync(cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> FindTracesAsync(string name, uint id, Guid? generatedUid, CancellationToken cancellationToken) =>
        CountAsync(() => inner.FindTracesAsync(name, id, generatedUid, cancellationToken));

    /// <summary>Lets a creation through.</summary>
    /// <returns>Whether it is the trial, with which the others wait.</returns>
    /// <exception cref="AccountDirectoryException">It is not let through.</exception>
    private bool Admit()
    {
        lock (_gate)
        {
            if (Unanswered is not { } why)
            {
                return false;
            }

            if (_isOnTrial || time.GetElapsedTime(_lastUnanswered) < Break)
            {
                throw new AccountDirectoryException(why);
            }

            return _isOnTrial = true;
        }
    }

    private async Task<T> CountAsync<T>(Func<Task<T>> call)
    {
        var began = time.GetUtcNow();
        try
        {
            var answer = await call();
            Answered();
            return answer;
        }
        catch (AccountDirectoryException e)
        {
            // A refusal is an answer.
            if (e.IsUnanswered)
            {
                NotAnswered(began);
            }
            else
            {
                Answered();
            }

            throw;
        }
    }

    private void Answered()
    {
        lock (_gate)
        {
            if (Unanswered is not null)
            {
                AnswersAgain(logger);
            }

            _unanswered = 0;
        }
    }

    private void NotAnswered(DateTimeOffset began)
    {
        lock (_gate)
        {
            _since = _unanswered == 0 ? began : _since;
            _lastUnanswered = time.GetTimestamp();
            _unanswered++;
            if (_unanswered == MostUnanswered)
            {
                Opened(logger, Unanswered!);
            }
        }
    }

    [LoggerMessage(1111, LogLevel.Error, "Circuit open: {Why}")]
    private static partial void Opened(ILogger logger, string why);

    [LoggerMessage(1112, LogLevel.Information, "The directory service answers again; accounts are created")]
    private static partial void AnswersAgain(ILogger logger);
}
