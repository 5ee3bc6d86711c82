namespace MacRunners.MacEmulator.Tools.Dscl;

/// <summary><c>dscl</c>: options, data source, then one command, or commands from standard input.</summary>
internal static class DsclTool
{
    private const int Usage = 64;
    private const int Unavailable = 69;
    private const int LineBuffer = 4096;

    private static readonly string[] DataSources = [".", "/Local/Default", "localonly"];

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var arguments = new Queue<string>(context.Arguments);
        var format = new OutputFormat(Plist: false, Raw: false);
        var quiet = false;
        while (arguments.TryPeek(out var option) && option.StartsWith('-'))
        {
            _ = arguments.Dequeue();
            switch (option)
            {
                case "-plist":
                    format = format with { Plist = true };
                    break;
                case "-raw":
                    format = format with { Raw = true };
                    break;
                case "-q":
                    quiet = true;
                    break;
                default:
                    DsclUsage.Print(context.Error);
                    return Usage;
            }
        }

        if (!arguments.TryDequeue(out var source))
        {
            DsclUsage.Print(context.Error);
            return Usage;
        }

        if (!DataSources.Contains(source))
        {
            context.Output.WriteLine($"Data source ({source}) is not valid.");
            return Unavailable;
        }

        return arguments.Count > 0
            ? await new DsclCommands(context, format).RunAsync([.. arguments])
            : await RunBatchAsync(context, format, quiet);
    }

    // Goes on after errors and always ends with 0: whoever uses it has to verify.
    private static async Task<int> RunBatchAsync(ToolContext context, OutputFormat format, bool quiet)
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        var commands = new DsclCommands(context, format);
        while (true)
        {
            if (!quiet)
            {
                context.Output.Write(" > ");
            }

            if (await input.ReadLineAsync() is not { } line)
            {
                break;
            }

            // The tool reads into a buffer: what is longer becomes the next command.
            for (var start = 0; start < line.Length; start += LineBuffer - 1)
            {
                var words = BatchLine.Split(line[start..Math.Min(line.Length, start + LineBuffer - 1)]);
                if (words is ["quit" or "exit" or "q", ..])
                {
                    return 0;
                }

                if (words.Count > 0)
                {
                    _ = await commands.RunAsync(words);
                }
            }
        }

        if (!quiet)
        {
            context.Output.WriteLine("Goodbye");
        }

        return 0;
    }
}
