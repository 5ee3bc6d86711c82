using System.Xml.Linq;

namespace MacRunners.Platform.MacOS;

/// <summary>
/// Whether macOS lets a program at everything: it is granted to whoever is at a path and meets a code requirement. A program that was
/// signed otherwise than the one it was granted to has nothing, although its path is in the list.
/// </summary>
/// <param name="tool">Runs programs.</param>
/// <param name="root">Above <c>/usr/bin</c>; empty on a Mac.</param>
/// <param name="program">Path of the program.</param>
/// <param name="limit">For each question.</param>
internal sealed class FullDiskAccessGrant(ITool tool, string root, string program, TimeSpan limit)
{
    private const string Privacy = "/Library/Application Support/com.apple.TCC";
    private const string Service = "kTCCServiceSystemPolicyAllFiles";
    private const string Allowed = "2";
    private const int Unmet = 3;

    private static readonly string[] Yes = ["true", "1", "Allow"];

    /// <summary>Whether it is so, and what was found.</summary>
    internal async Task<(bool IsMet, string Found)> LookAsync(CancellationToken cancellationToken) =>
        await FromProfileAsync(cancellationToken) ?? await FromListAsync(cancellationToken);

    private async Task<(bool IsMet, string Found)?> FromProfileAsync(CancellationToken cancellationToken)
    {
        var profiles = $"{root}{Privacy}/MDMOverrides.plist";
        if (!File.Exists(profiles))
        {
            return null;
        }

        var result = await RunAsync("/usr/bin/plutil", ["-convert", "xml1", "-o", "-", profiles], cancellationToken);
        if (result.ExitCode != 0)
        {
            return (false, $"nothing: {profiles} cannot be read ({result.Summary})");
        }

        XElement? grant;
        try
        {
            grant = PropertyList.Find(result.Output, program, Service);
        }
        catch (FormatException e)
        {
            return (false, $"nothing: {profiles} cannot be read ({e.Message})");
        }

        if (grant is null)
        {
            return null;
        }

        var answer = PropertyList.Find(grant, "Allowed") ?? PropertyList.Find(grant, "Authorization");
        var says = answer is { IsEmpty: true } ? answer.Name.LocalName : answer?.Value ?? "nothing";
        return !Yes.Contains(says) ? (false, $"refused by a profile ({says})")
            : PropertyList.Find(grant, "CodeRequirement") is { } requirement ? await MeetsAsync($"={requirement.Value}", "granted by a profile", cancellationToken)
            : (true, "granted by a profile, to whatever is at that path");
    }

    private async Task<(bool IsMet, string Found)> FromListAsync(CancellationToken cancellationToken)
    {
        var query = $"SELECT auth_value, hex(csreq) FROM access WHERE service = '{Service}' AND client = '{program}'";
        var result = await RunAsync("/usr/bin/sqlite3", ["-readonly", "-separator", "|", $"{root}{Privacy}/TCC.db", query], cancellationToken);
        if (result.ExitCode != 0)
        {
            return (false, $"nothing: the list cannot be read, for which whoever asks (over SSH: Remote Login) needs Full Disk Access, too ({result.Summary})");
        }

        return result.Output.Trim().Split('|') switch
        {
            [""] => (false, "not in the list"),
            [Allowed, ""] => (true, "granted, to whatever is at that path"),
            [Allowed, var requirement] => await MeetsAsync(Convert.FromHexString(requirement), cancellationToken),
            _ => (false, "refused"),
        };
    }

    // A requirement that is compiled already can only be given as a file.
    private async Task<(bool IsMet, string Found)> MeetsAsync(byte[] requirement, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("macrunners-");
        var file = Path.Combine(folder.FullName, "requirement");
        try
        {
            await File.WriteAllBytesAsync(file, requirement, cancellationToken);
            return await MeetsAsync(file, "granted", cancellationToken);
        }
        finally
        {
            File.Delete(file);
            folder.Delete();
        }
    }

    private async Task<(bool IsMet, string Found)> MeetsAsync(string requirement, string granted, CancellationToken cancellationToken)
    {
        var result = await RunAsync("/usr/bin/codesign", ["--verify", "-R", requirement, root + program], cancellationToken);
        return result.ExitCode switch
        {
            0 => (true, $"{granted}, and the program is signed as the grant wants"),
            Unmet => (false, $"{granted}, but to a program that is signed otherwise: grant it to the one that is in the image, or put the signed one there"),
            _ => (false, $"{granted}, but whether to this program is not known: {result.Summary}"),
        };
    }

    private Task<ToolResult> RunAsync(string path, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        tool.RunAsync(root + path, arguments, limit, cancellationToken);
}
