using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MacRunners.MacEmulator.Native;
using MacRunners.MacEmulator.Root;

namespace MacRunners.MacEmulator.Launchd;

/// <summary>A loaded service: when it is started, and what became of it.</summary>
internal sealed class Service : IDisposable
{
    private const int Killed = 128;
    private const int SignalTerminate = 15;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly EmulatorRoot _root;
    private readonly ServiceDefinition _definition;
    private readonly LaunchdSettings _settings;
    private readonly TimeProvider _time;
    private readonly HeldSockets _sockets;
    private readonly Lock _gate = new();
    private readonly Task _life;

    private string _state = "not running";
    private int? _pid;
    private int _runs;
    private int? _exitCode;
    private bool _kicked;
    private bool _leaving;
    private long? _startedAt;

    internal Service(EmulatorRoot root, ServiceDefinition definition, LaunchdSettings settings, TimeProvider time, Action forget)
    {
        _root = root;
        _definition = definition;
        _settings = settings;
        _time = time;
        _sockets = new HeldSockets(definition, settings);
        _life = LiveAsync(forget);
    }

    /// <summary>Whether it was booted out and its process has not ended yet.</summary>
    internal bool IsLeaving
    {
        get
        {
            lock (_gate)
            {
                return _leaving;
            }
        }
    }

    /// <summary>Gives its sockets up; done by itself when it is unloaded.</summary>
    public void Dispose() => _sockets.Dispose();

    /// <summary>Begins to unload it.</summary>
    /// <returns>Completed when the process has ended and the label is free.</returns>
    internal Task Leave()
    {
        lock (_gate)
        {
            _leaving = true;
            if (_pid is { } pid && _state == "running")
            {
                _state = "SIGTERMed";
                _ = Libc.Kill(pid, SignalTerminate);
                _ = KillLaterAsync(pid);
            }
        }

        return _life;
    }

    /// <summary>Kills it with its process group, and unloads it.</summary>
    internal Task DieAsync()
    {
        lock (_gate)
        {
            _leaving = true;
            if (_pid is { } pid)
            {
                _ = Libc.Kill(-pid, Libc.SignalKill);
                _ = Libc.Kill(pid, Libc.SignalKill);
            }
        }

        return _life;
    }

    /// <summary>Starts it, or starts it anew.</summary>
    /// <returns>Its process, where that is waited for; else 0.</returns>
    internal async Task<int> KickAsync(bool kill, bool wait)
    {
        int runs;
        lock (_gate)
        {
            runs = _runs;
            if (_pid is not { } pid)
            {
                _kicked = true;
            }
            else if (kill)
            {
                _kicked = true;
                _state = "SIGTERMed";
                _ = Libc.Kill(pid, SignalTerminate);
                _ = KillLaterAsync(pid);
            }
            else
            {
                return pid;
            }
        }

        while (wait)
        {
            lock (_gate)
            {
                if (_runs > runs && _pid is { } pid)
                {
                    return pid;
                }
            }

            await Task.Delay(Look, _time);
        }

        return 0;
    }

    /// <summary>What <c>launchctl print</c> shows.</summary>
    internal string Describe()
    {
        lock (_gate)
        {
            var text = new StringBuilder();
            _ = text.Append(CultureInfo.InvariantCulture, $"system/{_definition.Label} = {{\n");
            _ = text.Append(CultureInfo.InvariantCulture, $"\tactive count = {(_pid is null ? 0 : 1)}\n");
            _ = text.Append(CultureInfo.InvariantCulture, $"\tpath = {_definition.Path}\n");
            _ = text.Append("\ttype = LaunchDaemon\n");
            _ = text.Append(CultureInfo.InvariantCulture, $"\tstate = {_state}\n\n");
            _ = text.Append(CultureInfo.InvariantCulture, $"\tprogram = {_definition.Arguments[0]}\n");
            _ = text.Append("\targuments = {\n");
            foreach (var argument in _definition.Arguments)
            {
                _ = text.Append(CultureInfo.InvariantCulture, $"\t\t{argument}\n");
            }

            _ = text.Append("\t}\n\n");
            _ = text.Append("\tdomain = system\n");
            _ = text.Append(CultureInfo.InvariantCulture, $"\tminimum runtime = {_definition.ThrottleInterval.TotalSeconds:0}\n");
            _ = text.Append(CultureInfo.InvariantCulture, $"\texit timeout = {Math.Max(0, _definition.ExitTimeOut.TotalSeconds):0}\n");
            _ = text.Append(CultureInfo.InvariantCulture, $"\truns = {_runs}\n");
            if (_pid is { } pid)
            {
                _ = text.Append(CultureInfo.InvariantCulture, $"\tpid = {pid}\n");
            }

            _ = _exitCode switch
            {
                null => text.Append("\tlast exit code = (never exited)\n"),
                > Killed and var code => text.Append(CultureInfo.InvariantCulture, $"\tlast terminating signal = {SignalName(code - Killed)}: {code - Killed}\n"),
                { } code => text.Append(CultureInfo.InvariantCulture, $"\tlast exit code = {code}\n"),
            };
            return text.Append("}\n").ToString();
        }
    }

    private static string SignalName(int signal) => signal switch
    {
        Libc.SignalKill => "Killed",
        SignalTerminate => "Terminated",
        _ => "Signal",
    };

    private async Task LiveAsync(Action forget)
    {
        // Who loads it does not wait for its start.
        await Task.Yield();
        var wanted = _definition.RunAtLoad;
        while (await WaitForReasonAsync(wanted) && await WaitForThrottleAsync())
        {
            using var process = Spawn();
            if (process is not null)
            {
                await process.WaitForExitAsync();
            }

            wanted = End(process?.ExitCode);
        }

        Dispose();
        forget();
    }

    // False: it is booted out.
    private async Task<bool> WaitForReasonAsync(bool wanted)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_leaving)
                {
                    return false;
                }

                if (wanted || _kicked || _sockets.HasConnection)
                {
                    _kicked = false;
                    return true;
                }

                _state = "not running";
            }

            await Task.Delay(Look, _time);
        }
    }

    // From the last start on. Not even kickstart gets past it, as in current systems.
    private async Task<bool> WaitForThrottleAsync()
    {
        var interval = _definition.ThrottleInterval * _settings.ThrottleScale;
        while (_startedAt is { } started && _time.GetElapsedTime(started) < interval)
        {
            lock (_gate)
            {
                if (_leaving)
                {
                    return false;
                }

                _state = "spawn scheduled";
            }

            await Task.Delay(Look, _time);
        }

        return true;
    }

    private Process? Spawn()
    {
        var order = new SpawnOrder(
            [InRoot(_definition.Arguments[0]), .. _definition.Arguments.Skip(1), .. _settings.Arguments],
            _definition.Output is { } output ? InRootAlways(output) : null,
            _definition.Error is { } error ? InRootAlways(error) : null,
            InRoot(_definition.WorkingDirectory),
            _definition.Umask,
            _definition.OpenFiles,
            _sockets.Descriptors);
        var start = new ProcessStartInfo($"{_root.Binaries}/mac-emulator", ["xpcproxy", JsonSerializer.Serialize(order, LaunchdJson.Default.SpawnOrder)]) { WorkingDirectory = "/" };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin:/usr/sbin:/sbin";
        start.Environment["XPC_SERVICE_NAME"] = _definition.Label;
        foreach (var (name, value) in _definition.Environment.Concat(_settings.Environment))
        {
            start.Environment[name] = value;
        }

        if (_sockets.Description is { } sockets)
        {
            start.Environment[HeldSockets.Variable] = sockets;
        }

        lock (_gate)
        {
            if (_leaving)
            {
                return null;
            }

            var process = Process.Start(start)!;
            _startedAt = _time.GetTimestamp();
            _runs++;
            _pid = process.Id;
            _state = "running";
            return process;
        }
    }

    // Whether it is to be started again.
    private bool End(int? exitCode)
    {
        lock (_gate)
        {
            if (_pid is { } pid && !_definition.AbandonProcessGroup)
            {
                _ = Libc.Kill(-pid, SignalTerminate);
            }

            _pid = null;
            _exitCode = exitCode ?? _exitCode;
            _state = "not running";
            return _definition.KeepAlive switch
            {
                KeepAlive.Always => true,
                KeepAlive.AfterFailure => exitCode != 0,
                KeepAlive.AfterSuccess => exitCode == 0,
                _ => false,
            };
        }
    }

    private async Task KillLaterAsync(int pid)
    {
        if (_definition.ExitTimeOut == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        await Task.WhenAny(Task.Delay(_definition.ExitTimeOut, _time), _life);
        lock (_gate)
        {
            if (_pid == pid)
            {
                _state = "SIGKILLed";
                _ = Libc.Kill(pid, Libc.SignalKill);
            }
        }
    }

    // What the root has is meant there; shells and the like are the host's.
    private string InRoot(string path) => Path.Exists(InRootAlways(path)) ? InRootAlways(path) : path;

    private string InRootAlways(string path) => path.StartsWith(_root.Path + "/", StringComparison.Ordinal) ? path : _root.Path + path;
}
