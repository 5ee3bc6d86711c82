using System.Runtime.InteropServices;

namespace MacRunners.Simulator.Agent.Processes;

/// <summary>
/// A child in a session (with a terminal) or process group (without) of its own, which is also what signals go to. Its life is the
/// agent's: with a terminal it is done when the process is, and leftover writers are waited for a little; without one it is done only
/// when the last holder of its pipes is gone.
/// </summary>
internal sealed class ChildProcess
{
    private const int Interrupted = 4;
    private static readonly TimeSpan LeftoverTime = TimeSpan.FromSeconds(10);

    /// <summary>Descriptors are made and children started by one thread at a time: no child may inherit another one's pipe.</summary>
    private static readonly Lock SpawnLock = new();

    private readonly List<OutputCopier> _copiers;
    private readonly Task<ExitState> _reaped;
    private readonly bool _terminal;
    private volatile bool _done;

    private ChildProcess(int pid, bool terminal, Func<Task, List<OutputCopier>> copy)
    {
        Pid = pid;
        _terminal = terminal;
        _reaped = Reap(pid);
        _copiers = copy(_reaped);
        Done = WaitDoneAsync();
    }

    public int Pid { get; }

    /// <summary>Ends when the agent takes the child for finished.</summary>
    public Task<ExitState> Done { get; }

    public static ChildProcess Start(ChildPlan plan)
    {
        if (plan.Environment.FirstOrDefault(e => e.Contains('\0', StringComparison.Ordinal)) is not null)
        {
            throw new SpawnException("exec: environment variable contains NUL");
        }

        if (!Directory.Exists(plan.Directory))
        {
            throw new SpawnException($"Process working directory \"{plan.Directory}\" doesn't exist");
        }

        lock (SpawnLock)
        {
            return plan.Terminal ? StartOnTerminal(plan) : StartOnPipes(plan);
        }
    }

    /// <summary>Sends a signal to the child's whole group; nothing once the child is done.</summary>
    public void SignalGroup(int signal)
    {
        if (!_done)
        {
            NativeCalls.Kill(-Pid, signal);
        }
    }

    /// <summary>Waits for the output after <see cref="Done"/>; with a terminal no longer than the agent does.</summary>
    public async Task DrainAsync(TimeProvider time)
    {
        await Done;
        foreach (var copier in _copiers)
        {
            try
            {
                await copier.Finished.WaitAsync(LeftoverTime, time);
            }
            catch (TimeoutException)
            {
                copier.Stop();
                await copier.Finished;
            }
        }
    }

    private static ChildProcess StartOnTerminal(ChildPlan plan)
    {
        var (master, slave, slavePath) = Descriptor.Terminal();
        try
        {
            using var request = new SpawnRequest(plan.Directory);
            request.Open(0, slavePath);
            request.Duplicate(0, 1);
            request.Duplicate(0, 2);
            int pid;
            if (OperatingSystem.IsMacOS())
            {
                // Darwin wants to be asked for a controlling terminal from inside the child.
                pid = request.Start(TerminalTaker.Wrap(plan));
            }
            else
            {
                request.LeadSession();
                pid = request.Start(plan);
            }

            return new ChildProcess(pid, true, ended => [new OutputCopier(master, plan.Output, ended)]);
        }
        catch (SpawnException)
        {
            master.Dispose();
            throw;
        }
        finally
        {
            slave.Dispose();
        }
    }

    private static ChildProcess StartOnPipes(ChildPlan plan)
    {
        var output = Descriptor.Pipe();
        var errors = plan.Errors is null ? output : Descriptor.Pipe();
        var input = plan.Input is null ? default : Descriptor.Pipe();
        try
        {
            using var request = new SpawnRequest(plan.Directory);
            request.LeadGroup();
            if (input.Read is null)
            {
                request.Open(0, "/dev/null");
            }
            else
            {
                request.Duplicate(input.Read.Number, 0);
            }

            request.Duplicate(output.Write.Number, 1);
            request.Duplicate(errors.Write.Number, 2);
            var pid = request.Start(plan);
            var copiers = new List<OutputCopier> { new(output.Read, plan.Output) };
            if (plan.Errors is not null)
            {
                copiers.Add(new OutputCopier(errors.Read, plan.Errors));
            }

            if (input.Write is not null)
            {
                Feed(input.Write, plan.Input!);
            }

            return new ChildProcess(pid, false, _ => copiers);
        }
        catch (SpawnException)
        {
            output.Read.Dispose();
            errors.Read.Dispose();
            input.Write?.Dispose();
            throw;
        }
        finally
        {
            output.Write.Dispose();
            errors.Write.Dispose();
            input.Read?.Dispose();
        }
    }

    /// <summary>Writes the input on a thread of its own; a child that does not read it is no error.</summary>
    private static void Feed(Descriptor target, byte[] input) => new Thread(() =>
    {
        using (target)
        {
            StandardStreams.Write(target.Number, input);
        }
    })
    { IsBackground = true, Name = "input" }.Start();

    private static Task<ExitState> Reap(int pid)
    {
        var reaped = new TaskCompletionSource<ExitState>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            int result;
            int status;
            do
            {
                result = NativeCalls.WaitPid(pid, out status, 0);
            }
            while (result < 0 && Marshal.GetLastPInvokeError() == Interrupted);

            // Someone who ignores SIGCHLD takes the status away; the process is gone all the same.
            reaped.SetResult(result == pid ? ExitState.FromWait(status) : new ExitState(-1, 0));
        })
        { IsBackground = true, Name = "reaper" }.Start();
        return reaped.Task;
    }

    private async Task<ExitState> WaitDoneAsync()
    {
        var state = await _reaped;
        if (!_terminal)
        {
            foreach (var copier in _copiers)
            {
                await copier.Finished;
            }
        }

        _done = true;
        return state;
    }
}
