using System.Security.Cryptography;
using System.Text;
using MacRunners.Simulator.Messages;

namespace MacRunners.EndToEnd.Tokens;

/// <summary>Something in the shape of a token that a job has found.</summary>
/// <param name="Kind">Kind of place.</param>
/// <param name="Digest">SHA-256 of what was found: the token itself is not printed.</param>
/// <param name="Place">Where.</param>
internal sealed record Finding(string Kind, string Digest, string Place)
{
    /// <summary>Whether it is this token.</summary>
    public bool IsOf(string token) => Digest == Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)));

    /// <summary>All that the search of a job has found.</summary>
    public static IReadOnlyList<Finding> Of(JobView job) =>
    [
        .. Worker.Printed(job)
            .Where(line => line.StartsWith("found ", StringComparison.Ordinal))
            .Select(line => line.Split(' ', 4))
            .Select(part => new Finding(part[1], part[2], part[3])),
    ];
}
