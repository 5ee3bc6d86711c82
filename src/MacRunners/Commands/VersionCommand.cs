using System.CommandLine;
using System.Runtime.InteropServices;
using MacRunners.Hosting;

namespace MacRunners.Commands;

/// <summary>Verb <c>version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var command = new Command("version", "Shows the version, the commit it was built from, and the platform.");
        command.SetAction(_ =>
        {
            var commit = ProductVersion.Commit is { } known ? $" ({known})" : "";
            Console.WriteLine($"macrunners {ProductVersion.Text}{commit} {RuntimeInformation.RuntimeIdentifier}");
            return ExitCodes.Success;
        });
        return command;
    }
}
