using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using MacRunners.Simulator.Agent.Api;

namespace MacRunners.Simulator.Agent.Running;

/// <summary>Without timestamps in the log, the moments of its headers are sent beside it.</summary>
internal sealed partial class HeaderTimes
{
    private const int LongestHeader = 64 * 1024;
    private static readonly TimeSpan Batch = TimeSpan.FromSeconds(1);
    private readonly AgentApi _api;
    private readonly string _job;
    private readonly AgentLog _log;
    private readonly TimeProvider _time;
    private readonly TimeProvider _retryTime;
    private readonly Channel<string> _times = Channel.CreateUnbounded<string>();
    private readonly List<byte> _line = [];
    private readonly Task _upload;

    public HeaderTimes(AgentApi api, string job, AgentLog log, TimeProvider time, TimeProvider retryTime)
    {
        _api = api;
        _job = job;
        _log = log;
        _time = time;
        _retryTime = retryTime;
        _upload = UploadAsync();
    }

    /// <summary>Looks for headers in raw output, whatever way it is cut.</summary>
    public void Scan(ReadOnlySpan<byte> data)
    {
        foreach (var b in data)
        {
            if (b != '\n')
            {
                if (_line.Count < LongestHeader)
                {
                    _line.Add(b);
                }

                continue;
            }

            IsHeaderOrExpansion(Encoding.UTF8.GetString([.. _line]));
            _line.Clear();
        }
    }

    /// <summary>Notes the time of a header; tells whether the line is one or opens one.</summary>
    public bool IsHeaderOrExpansion(string line)
    {
        var plain = Colour().Replace(line, "").TrimEnd('\r');
        if (!Header().IsMatch(plain))
        {
            return Expansion().IsMatch(plain);
        }

        _times.Writer.TryWrite(AgentApi.Timestamp(_time.GetUtcNow()));
        return true;
    }

    public async Task StopAsync()
    {
        _times.Writer.TryComplete();
        await _upload;
    }

    [GeneratedRegex(@"\x1b\[([;\d]+)?[mK]")]
    private static partial Regex Colour();

    [GeneratedRegex(@"^(?:---|\+\+\+|~~~)\s(.+)?$")]
    private static partial Regex Header();

    [GeneratedRegex(@"^(?:\^\^\^\s\+\+\+)\s*$")]
    private static partial Regex Expansion();

    private async Task UploadAsync()
    {
        var index = 0;
        while (await _times.Reader.WaitToReadAsync())
        {
            await Task.WhenAny(Task.Delay(Batch, _time), _times.Reader.Completion);
            var batch = new Dictionary<string, string>();
            while (_times.Reader.TryRead(out var at))
            {
                batch[index++.ToString(CultureInfo.InvariantCulture)] = at;
            }

            try
            {
                await new Retrier(RetryPlan.HeaderTimes, _retryTime, _log.Warn).RunAsync(
                    (_, _) => _api.HeaderTimesAsync(_job, batch, CancellationToken.None),
                    failure => new Retrier.Verdict(Stop: failure.IsClientError),
                    CancellationToken.None);
            }
            catch (AgentApiException failure)
            {
                _log.Warn($"Header times are lost: {failure.Message}");
            }
        }
    }
}
