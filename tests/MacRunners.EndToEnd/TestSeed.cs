using System.Globalization;

namespace MacRunners.EndToEnd;

/// <summary>Seeds of what is random in a test.</summary>
internal static class TestSeed
{
    /// <summary>The seed that the variable asks for, else a new one; printed as the variable has to be set to have the same again.</summary>
    public static int Of(string variable)
    {
        var seed = Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        Console.WriteLine($"{variable}={seed}");
        return seed;
    }
}
