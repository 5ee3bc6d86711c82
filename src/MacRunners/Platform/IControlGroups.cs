namespace MacRunners.Platform;

/// <summary>
/// A control group for the processes of each account, where the system has them: it holds still and ends as one, without any process to do
/// it, and knows even those that have become somebody else's. Nothing relies on it: where there is none, every call does nothing.
/// </summary>
internal interface IControlGroups
{
    /// <summary>Makes the account's. <see cref="IProcessCalls.Become"/> enters it, and only root can leave.</summary>
    void Make(uint uid);

    /// <summary>Holds all in it still, and kills them at once if they may be; else they go on.</summary>
    /// <param name="uid">Whose.</param>
    /// <param name="mayBeKilled">Asked while they hold still.</param>
    Task HoldAndKillAsync(uint uid, Func<bool> mayBeKilled);

    /// <summary>Kills all in it, whoever they belong to by now, and what they fork meanwhile.</summary>
    void Kill(uint uid);

    /// <summary>Removes it; none is as good.</summary>
    /// <exception cref="PosixException">Somebody is still in it.</exception>
    Task RemoveAsync(uint uid);

    /// <summary>The accounts that have one.</summary>
    IReadOnlyList<uint> Owners();
}
