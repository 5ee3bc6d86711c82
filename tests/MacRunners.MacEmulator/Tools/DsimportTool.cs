using MacRunners.MacEmulator.Accounts;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>dsimport</c>: whole records from a file, in one go; its exit code says nothing about them.</summary>
internal static class DsimportTool
{
    private const int Usage = 64;
    private const int NoInput = 65;

    internal static async Task<int> RunAsync(ToolContext context)
    {
        if (context.Arguments is not [var file, "/Local/Default", "I", "--outputfile", var report])
        {
            context.Error.WriteLine("usage: dsimport file node I --outputfile file");
            return Usage;
        }

        var effects = await context.BeginAsync("import", context.Arguments, writes: true);
        var exitCode = await ImportAsync(context, context.Policy(effects), file, report);
        context.End(effects);
        return exitCode;
    }

    private static async Task<int> ImportAsync(ToolContext context, DirectoryPolicy policy, string file, string report)
    {
        if (!new FileInfo(file).Exists || (File.GetAttributes(file) & FileAttributes.Device) != 0 || file.StartsWith("/dev/", StringComparison.Ordinal))
        {
            context.Error.WriteLine("Unable to open import file");
            return NoInput;
        }

        // Header: separators, type of record, number of attributes, their names.
        var lines = await File.ReadAllLinesAsync(file);
        var keys = lines[0].Split(' ')[6..];
        var type = lines[0].Split(' ')[4] == "dsRecTypeStandard:Groups" ? RecordType.Groups : RecordType.Users;
        var (made, refused) = (0, 0);
        foreach (var fields in lines.Skip(1).Where(line => line.Length > 0).Select(line => line.Split(':')))
        {
            try
            {
                await context.Directory.WriteAsync(policy, directory => Import(directory, type, keys, fields));
                made++;
            }
            catch (DirectoryServiceException)
            {
                refused++;
            }
        }

        await File.WriteAllTextAsync(report, $"<plist version=\"1.0\"><dict><key>Succeeded</key><integer>{made}</integer><key>Failed</key><integer>{refused}</integer></dict></plist>\n");
        return 0;
    }

    private static void Import(AccountDirectory directory, RecordType type, string[] keys, string[] fields)
    {
        var name = fields[Array.IndexOf(keys, "RecordName")];
        if (directory.Find(type, name) is not null)
        {
            return;
        }

        foreach (var (key, value) in keys.Zip(fields).Where(pair => pair.First != "RecordName" && pair.Second.Length > 0))
        {
            try
            {
                directory.Set(type, name, AttributeName.Full(key), [value]);
            }
            catch (DirectoryServiceException)
            {
                // All or nothing.
                directory.Delete(type, name);
                throw;
            }
        }
    }
}
