using System.Security.Cryptography;

namespace MacRunners.Simulator.State;

/// <summary>Makes credentials with the service's prefixes, and tells them apart again.</summary>
internal static class TokenMint
{
    private const string AcquisitionPrefix = "bkjat_";
    private const string SessionPrefix = "bkaa_";
    private const string JobPrefix = "bkaj_";
    private const int SecretBytes = 24;

    public static string Acquisition() => AcquisitionPrefix + Secret();

    public static string Session() => SessionPrefix + Secret();

    public static string Job() => JobPrefix + Secret();

    /// <summary>The kind of a credential by its prefix; agent tokens of the cluster may be any other string.</summary>
    public static string Kind(string token) => token switch
    {
        _ when token.StartsWith(AcquisitionPrefix, StringComparison.Ordinal) => "acquisition",
        _ when token.StartsWith(SessionPrefix, StringComparison.Ordinal) => "session",
        _ when token.StartsWith(JobPrefix, StringComparison.Ordinal) => "job",
        _ => "registration",
    };

    private static string Secret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));
}
