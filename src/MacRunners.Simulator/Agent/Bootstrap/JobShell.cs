using System.Text;
using MacRunners.Simulator.Agent.Flags;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent.Bootstrap;

/// <summary>Where a job's commands run: variables, folder, log, and how they are cancelled.</summary>
internal sealed class JobShell(BootstrapSettings settings, Dictionary<string, string> variables, JobOutput output, TimeProvider time)
{
    private readonly Dictionary<string, string> _original = new(variables);

    public Dictionary<string, string> Variables { get; } = variables;

    public JobOutput Log { get; } = output;

    public string Folder { get; private set; } = Environment.CurrentDirectory;

    /// <summary>A setting hooks may change while the job runs.</summary>
    public string Changeable(string variable) => Variables.GetValueOrDefault(variable) ?? "";

    public bool ChangeableSwitch(string variable) => GoBoolean.TryParse(Changeable(variable), out var on) && on;

    public void ChangeFolder(string path)
    {
        var absolute = Path.GetFullPath(path, Folder);
        Log.Prompt($"cd {ShellWords.Quote(absolute)}");
        if (!Path.Exists(absolute))
        {
            throw new JobFailureException("Failed to change working: directory does not exist");
        }

        Folder = absolute;
    }

    /// <summary>Runs a command with its prompt shown; throws unless it ends with 0.</summary>
    public async Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        Log.Prompt(Format(program, arguments));
        var state = await ExecuteAsync(Plan(program, arguments), cancel);
        if (!state.Success)
        {
            throw JobFailureException.From(state);
        }
    }

    /// <summary>As <see cref="RunAsync"/>, noticing phrases in its output.</summary>
    public async Task<(ExitState State, OutputSearch Search)> RunSearchedAsync(
        string program, IReadOnlyList<string> arguments, string[] phrases, CancellationToken cancel)
    {
        Log.Prompt(Format(program, arguments));
        var search = new OutputSearch(Log.Write, phrases);
        return (await ExecuteAsync(Plan(program, arguments) with { Output = search.Write }, cancel), search);
    }

    /// <summary>Standard output of a command, which runs without a terminal and without a prompt.</summary>
    public async Task<string> CaptureAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var captured = new MemoryStream();
        var plan = Plan(program, arguments) with
        {
            Terminal = false,
            Errors = Log.Write,
            Output = data =>
            {
                captured.Write(data);
                return true;
            },
        };
        var state = await ExecuteAsync(plan, cancel);
        return state.Success ? Encoding.UTF8.GetString(captured.ToArray()).Trim() : throw JobFailureException.From(state);
    }

    /// <summary>Runs a command that reads its standard input, without a terminal.</summary>
    public async Task FeedAsync(string program, IReadOnlyList<string> arguments, string input, CancellationToken cancel)
    {
        Log.Prompt($"{Format(program, arguments)} < /dev/stdin");
        var state = await ExecuteAsync(Plan(program, arguments) with { Terminal = false, Input = Encoding.UTF8.GetBytes(input) }, cancel);
        if (!state.Success)
        {
            throw JobFailureException.From(state);
        }
    }

    /// <summary>Runs a command without a prompt; its end is the caller's to judge.</summary>
    public Task<ExitState> RunQuietlyAsync(
        string program, IReadOnlyList<string> arguments, IEnumerable<string> extraVariables, CancellationToken cancel) =>
        ExecuteAsync(Plan(program, arguments, extraVariables), cancel);

    private static string Format(string program, IEnumerable<string> arguments) => string.Join(' ', arguments
        .Select(a => a.Contains('\n', StringComparison.Ordinal) || a.Contains(' ', StringComparison.Ordinal) ? $"\"{Shorten(a)}\"" : a)
        .Prepend(program));

    private static string Shorten(string argument) =>
        (argument.Length <= 120 ? argument : argument[..120] + "...").Replace("\n", "\\n", StringComparison.Ordinal);

    private ChildPlan Plan(string program, IReadOnlyList<string> arguments, params IEnumerable<string> extraVariables) => new()
    {
        Path = ProgramSearch.Find(program, Variables.GetValueOrDefault("PATH"))
            ?? throw new JobFailureException($"exec: \"{program}\": executable file not found in $PATH"),
        Arguments = arguments,
        Environment = EnvironmentEntries.Merge(
            _original.Select(Entry), Variables.Select(Entry), [$"PWD={Folder}"], extraVariables,
            settings.Terminal ? ["TERM=xterm-256color"] : []),
        Directory = Folder,
        Terminal = settings.Terminal,
        Output = Log.Write,
    };

    private static string Entry(KeyValuePair<string, string> variable) => $"{variable.Key}={variable.Value}";

    private async Task<ExitState> ExecuteAsync(ChildPlan plan, CancellationToken cancel)
    {
        ChildProcess child;
        try
        {
            child = ChildProcess.Start(plan);
        }
        catch (SpawnException e)
        {
            throw new JobFailureException($"error running \"{Format(plan.Path, plan.Arguments)}\": error starting " +
                $"{(plan.Terminal ? "pty" : "command")}: {e.Message}");
        }

        await InterruptAsync(child, cancel);
        var state = await child.Done;
        await child.DrainAsync(time);
        Log.Flush();
        return state;
    }

    /// <summary>
    /// Waits for the child. On a cancel it sends the cancel signal to the child's group, and SIGKILL to what is left of it after the
    /// signal grace.
    /// </summary>
    private async Task InterruptAsync(ChildProcess child, CancellationToken cancel)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancel.Register(cancelled.SetResult))
        {
            if (await Task.WhenAny(child.Done, cancelled.Task) == child.Done)
            {
                return;
            }
        }

        child.SignalGroup(settings.CancelSignal);
        try
        {
            await child.Done.WaitAsync(settings.SignalGrace, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            child.SignalGroup(Signal.Kill);
        }
    }
}
