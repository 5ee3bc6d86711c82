using MacRunners.MacEmulator.Accounts;
using MacRunners.MacEmulator.Faults;

namespace MacRunners.MacEmulator.Tools.Dscl;

/// <summary>The commands of <c>dscl</c>, alone or as lines of a batch.</summary>
internal sealed class DsclCommands(ToolContext context, OutputFormat format)
{
    private const int Usage = 64;
    private const int Software = 70;

    // Fewest words after the command.
    private static readonly Dictionary<string, int> Reading = new(StringComparer.Ordinal) { ["read"] = 1, ["readall"] = 1, ["list"] = 1, ["search"] = 3 };

    private static readonly Dictionary<string, int> Writing = new(StringComparer.Ordinal)
    {
        ["create"] = 1,
        ["append"] = 3,
        ["merge"] = 3,
        ["change"] = 4,
        ["delete"] = 1,
        ["passwd"] = 2,
    };

    /// <summary>Runs one command and returns its exit code.</summary>
    internal async Task<int> RunAsync(IReadOnlyList<string> words)
    {
        var command = words[0].TrimStart('-');
        var writes = Writing.ContainsKey(command);
        if (!writes && !Reading.ContainsKey(command))
        {
            return UnknownCommand();
        }

        var arguments = words.Skip(1).ToList();
        if (arguments.Count < (writes ? Writing : Reading)[command])
        {
            context.Error.WriteLine($"Too few parameters for {command} operation");
            DsclUsage.Print(context.Error);
            return Usage;
        }

        var effects = await context.BeginAsync(command, arguments, writes);
        var exitCode = await ExecuteAsync(command, arguments, effects);
        context.End(effects);
        return exitCode;
    }

    private async Task<int> ExecuteAsync(string command, List<string> arguments, FaultEffects effects)
    {
        try
        {
            if (effects.Flake140)
            {
                throw Flake();
            }

            if (Writing.ContainsKey(command))
            {
                var (type, name) = RecordPath.Parse(arguments[0]).Record;
                await context.Directory.WriteAsync(context.Policy(effects), directory => Write(directory, command, type, name, arguments));
            }
            else
            {
                Read(command, arguments, effects);
            }

            return effects.Flake140Applied ? throw Flake() : 0;
        }
        catch (DirectoryServiceException e)
        {
            return Report(command, e);
        }
        catch (IOException e)
        {
            context.Error.WriteLine($"Operation failed with error: {e.Message}");
            return Software;
        }
    }

    private static DirectoryServiceException Flake() => new(DirectoryStatus.NotYetImplemented, "attribute status");

    private static void Write(AccountDirectory directory, string command, RecordType type, string name, List<string> arguments)
    {
        var attribute = arguments.Count > 1 && command != "passwd" ? AttributeName.Full(arguments[1]) : null;
        var values = arguments.Skip(2).ToList();
        switch (command)
        {
            case "create" when attribute is null:
                directory.Create(type, name);
                break;
            case "create":
                directory.Set(type, name, attribute!, values);
                break;
            case "append" or "merge":
                directory.Append(type, name, attribute!, values, unique: command == "merge");
                break;
            case "change":
                directory.Change(type, name, attribute!, values[0], values[1]);
                break;
            case "passwd":
                directory.SetPassword(type, name);
                break;
            case "delete" when attribute is null:
                directory.Delete(type, name);
                break;
            default:
                foreach (var value in values.Count == 0 ? [null] : values.Cast<string?>())
                {
                    directory.DeleteAttribute(type, name, attribute!, value);
                }

                break;
        }
    }

    private void Read(string command, List<string> arguments, FaultEffects effects)
    {
        var path = RecordPath.Parse(arguments[0]);
        var keys = arguments.Skip(1).Select(AttributeName.Full).ToList();
        var policy = context.Policy(effects);
        var printer = new RecordPrinter(context.Output, context.Error, format);
        switch (command)
        {
            case "read":
                var (type, name) = path.Record;
                var record = context.Directory.Read(policy, directory => directory.Find(type, name))
                    ?? throw new DirectoryServiceException(DirectoryStatus.RecordNotFound);
                printer.Record(record, keys);
                break;
            case "readall":
                printer.Records(All(path, policy), keys);
                break;
            case "list" when path.Type is null:
                printer.Names([nameof(RecordType.Groups), nameof(RecordType.Users)]);
                break;
            case "list" when path.Name is not null:
                // A record has nothing below it, but it must be there.
                _ = context.Directory.Read(policy, directory => directory.Find(path.Type.Value, path.Name))
                    ?? throw new DirectoryServiceException(DirectoryStatus.UnknownNodeName);
                break;
            case "list":
                printer.List(All(path, policy), keys.FirstOrDefault());
                break;
            default:
                printer.Found(All(path, policy), keys[0], arguments[2]);
                break;
        }
    }

    private IReadOnlyList<DirectoryRecord> All(RecordPath path, DirectoryPolicy policy) =>
        path is { Type: { } type, Name: null }
            ? context.Directory.Read(policy, directory => directory.All(type))
            : throw new DirectoryServiceException(DirectoryStatus.UnknownNodeName);

    private int Report(string command, DirectoryServiceException refused)
    {
        if (refused.Status == DirectoryStatus.UnknownNodeName)
        {
            context.Output.WriteLine($"{command}: Invalid Path");
        }

        if (refused.Note is { } note)
        {
            context.Error.WriteLine($"mac-emulator: {note}");
        }

        if (refused.Stage is { } stage)
        {
            context.Error.WriteLine($"<main> {stage}: {refused.Status.Name}");
        }

        context.Error.WriteLine(refused.Status.ErrorLine);
        return refused.Status.ExitCode;
    }

    private int UnknownCommand()
    {
        DsclUsage.Print(context.Output);
        return 0;
    }
}
