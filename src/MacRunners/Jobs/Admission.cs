using System.Text.Json;
using System.Text.Json.Serialization;
using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Jobs;

/// <summary>
/// Whether anything new may begin on this machine, as far as people decide it. An operator may have it <em>drained</em>: no job is
/// taken until further notice, over restarts of daemon and machine. An operation that needs the machine to itself (a sweep, a
/// restart) <em>holds</em> it: neither a job nor a self-test begins until it is over.
/// </summary>
/// <remarks>Whatever is about to begin enters first and leaves when it shows on the board: so "nothing has entered and nothing is on the board" means that nothing will come.</remarks>
internal sealed partial class Admission
{
    /// <summary>Name of the file in <see cref="PathsOptions.State"/> that keeps the order; absent without one.</summary>
    public const string FileName = "drained.json";

    private readonly Lock _gate = new();
    private readonly string _file;
    private readonly IFileCalls _files;
    private readonly TimeProvider _time;
    private readonly ILogger<Admission> _logger;
    private Drain? _drain;
    private string? _holder;
    private int _entered;
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Reads the order that an earlier run was given.</summary>
    public Admission(IOptions<PathsOptions> paths, IFileCalls files, TimeProvider time, ILogger<Admission> logger)
    {
        _files = files;
        _file = Path.Combine(paths.Value.State, FileName);
        _time = time;
        _logger = logger;
        _drain = Read();
        if (_drain is { } drain)
        {
            StillDrained(logger, drain.Since, drain.Reason);
        }
    }

    /// <summary>The operator's order; null without one.</summary>
    public Drain? Drained
    {
        get
        {
            lock (_gate)
            {
                return _drain;
            }
        }
    }

    /// <summary>Why no job may be taken; null when one may.</summary>
    public string? WhyNot
    {
        get
        {
            lock (_gate)
            {
                return _drain is { } drain ? $"drained since {drain.Since:u} ({drain.Reason}); `macrunners resume` ends it" : _holder;
            }
        }
    }

    /// <summary>What has the machine to itself, for people; null when nothing has.</summary>
    public string? Holder
    {
        get
        {
            lock (_gate)
            {
                return _holder;
            }
        }
    }

    /// <summary>Whether nothing is about to begin.</summary>
    public bool IsQuiet
    {
        get
        {
            lock (_gate)
            {
                return _entered == 0;
            }
        }
    }

    /// <summary>Completes when <see cref="WhyNot"/> may have changed after this was read.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>Before a job is taken.</summary>
    /// <returns>To be disposed once the job is on the board, or not to be had; null when none may be taken.</returns>
    public IDisposable? TryEnterJob() => TryEnter(evenDrained: false);

    /// <summary>Before a self-test.</summary>
    /// <returns>To be disposed once it is over; null when none may begin.</returns>
    public IDisposable? TryEnterTest() => TryEnter(evenDrained: true);

    /// <summary>Keeps everything new away.</summary>
    /// <param name="why">For people: continues "no job is taken: ".</param>
    /// <returns>To be disposed at the end; null when somebody else holds the machine.</returns>
    public IDisposable? TryHold(string why)
    {
        lock (_gate)
        {
            if (_holder is not null)
            {
                return null;
            }

            _holder = why;
            Change();
            return new Leaving(() =>
            {
                _holder = null;
                Change();
            }, _gate);
        }
    }

    /// <summary>Takes no job from now on. The order is on disk when this returns.</summary>
    /// <exception cref="IOException">It cannot be written down; the order holds until the daemon ends.</exception>
    public void Close(string reason)
    {
        lock (_gate)
        {
            // The first order's time and reason are the ones to tell.
            _drain ??= new Drain(_time.GetUtcNow(), reason);
            Change();
            Draining(_logger, reason);
            try
            {
                DurableFile.Replace(_files, _file, file => JsonSerializer.Serialize(file, _drain, DrainJson.Default.Drain));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"no job is taken from now on, but only until the daemon ends, since the order cannot be written down: {e.Message}", e);
            }
        }
    }

    /// <summary>Takes jobs again.</summary>
    /// <exception cref="IOException">The order cannot be removed from disk; the next start would follow it.</exception>
    public void Open()
    {
        lock (_gate)
        {
            if (_drain is null)
            {
                return;
            }

            File.Delete(_file);
            DurableFile.FlushFolder(_files, _file);
            _drain = null;
            Change();
            Resuming(_logger);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Leaving? TryEnter(bool evenDrained)
    {
        lock (_gate)
        {
            if (_holder is not null || (_drain is not null && !evenDrained))
            {
                return null;
            }

            _entered++;
            return new Leaving(() => _entered--, _gate);
        }
    }

    private void Change()
    {
        _changed.SetResult();
        _changed = NewSignal();
    }

    private Drain? Read()
    {
        try
        {
            using var file = File.OpenRead(_file);
            return JsonSerializer.Deserialize(file, DrainJson.Default.Drain) ?? throw new JsonException("null is no order");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException)
        {
            // Somebody gave an order; what it was is lost. Followed until it is taken back.
            return new Drain(_time.GetUtcNow(), $"{_file} cannot be read");
        }
    }

    /// <summary>Undoes once, whatever happens.</summary>
    private sealed class Leaving(Action undo, Lock gate) : IDisposable
    {
        private bool _isDone;

        public void Dispose()
        {
            lock (gate)
            {
                if (!_isDone)
                {
                    _isDone = true;
                    undo();
                }
            }
        }
    }

    [LoggerMessage(1391, LogLevel.Information, "Draining: no further job is taken ({Reason}); running ones go on")]
    private static partial void Draining(ILogger logger, string reason);

    [LoggerMessage(1392, LogLevel.Information, "Resumed: jobs are taken again")]
    private static partial void Resuming(ILogger logger);

    [LoggerMessage(1393, LogLevel.Warning, "Drained since {Since:u} ({Reason}): no job is taken until `macrunners resume`")]
    private static partial void StillDrained(ILogger logger, DateTimeOffset since, string reason);
}

/// <summary>An operator's order to take no jobs.</summary>
/// <param name="Since">When it was given.</param>
/// <param name="Reason">The operator's words.</param>
internal sealed record Drain(DateTimeOffset Since, string Reason);

/// <summary>How the order is kept.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Drain))]
internal sealed partial class DrainJson : JsonSerializerContext;
