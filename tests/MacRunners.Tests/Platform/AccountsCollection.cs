namespace MacRunners.Tests.Platform;

/// <summary>Tests that change the machine's account files run one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AccountsCollection
{
    public const string Name = "accounts";
}
