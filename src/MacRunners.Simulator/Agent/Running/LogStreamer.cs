using System.Buffers;
using System.Threading.Channels;
using MacRunners.Simulator.Agent.Api;

namespace MacRunners.Simulator.Agent.Running;

/// <summary>
/// Cuts a job's log into chunks and uploads them, three at a time, so that they arrive in any order. Chunks the server refuses are given
/// up and counted.
/// </summary>
internal sealed class LogStreamer
{
    private const int Uploads = 3;

    /// <summary>Chunks that may wait for an upload; with the server's usual 100 KiB a chunk that bounds the memory to some MiB.</summary>
    private const int Waiting = 64;
    private const ulong UsualMaximum = 1UL << 30;
    private readonly AgentApi _api;
    private readonly string _job;
    private readonly AgentLog _log;
    private readonly TimeProvider _retryTime;
    private readonly int _chunkSize;
    private readonly ulong _maximum;
    private readonly Channel<Chunk> _chunks = Channel.CreateBounded<Chunk>(Waiting);
    private readonly Task[] _uploads;
    private long _sequence;
    private long _offset;
    private int _failed;
    private bool _warned;

    public LogStreamer(AgentApi api, AcquiredJob job, AgentLog log, TimeProvider retryTime)
    {
        if (job.ChunksMaxSizeBytes == 0)
        {
            throw new AgentFailureException("Failed to run job: Maximum chunk size must be more than 0. No logs will be sent.");
        }

        _api = api;
        _job = job.Id;
        _log = log;
        _retryTime = retryTime;
        _chunkSize = (int)Math.Min(job.ChunksMaxSizeBytes, 8 * 1024 * 1024);
        _maximum = job.LogMaxSizeBytes == 0 ? UsualMaximum : job.LogMaxSizeBytes;
        _uploads = [.. Enumerable.Range(0, Uploads).Select(_ => UploadAsync())];
    }

    private readonly record struct Chunk(long Sequence, long Offset, byte[] Buffer, int Size);

    public int FailedChunks => _failed;

    public async Task ProcessAsync(ReadOnlyMemory<byte> output)
    {
        while (!output.IsEmpty)
        {
            if ((ulong)_offset > _maximum && !_warned)
            {
                _warned = true;
                _log.Warn($"The job log has reached {_offset} bytes in size, which has exceeded the maximum size ({_maximum} bytes). " +
                    "Further logs may be dropped by the server.");
            }

            var size = Math.Min(_chunkSize, output.Length);
            var buffer = ArrayPool<byte>.Shared.Rent(size);
            output[..size].CopyTo(buffer);
            await _chunks.Writer.WriteAsync(new Chunk(++_sequence, _offset, buffer, size));
            _offset += size;
            output = output[size..];
        }
    }

    /// <summary>Waits until every chunk is uploaded or given up.</summary>
    public async Task StopAsync()
    {
        _chunks.Writer.TryComplete();
        await Task.WhenAll(_uploads);
    }

    private async Task UploadAsync()
    {
        await foreach (var chunk in _chunks.Reader.ReadAllAsync())
        {
            try
            {
                await new Retrier(RetryPlan.Patient, _retryTime, _log.Warn).RunAsync(
                    (_, left) => _api.ChunkAsync(_job, chunk.Sequence, chunk.Offset, chunk.Buffer.AsMemory(0, chunk.Size), left, CancellationToken.None),
                    failure => new Retrier.Verdict(Stop: failure.IsClientError),
                    CancellationToken.None);
            }
            catch (AgentApiException)
            {
                Interlocked.Increment(ref _failed);
                _log.Error($"Giving up on uploading chunk {chunk.Sequence}, this will result in only a partial build log on Buildkite");
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(chunk.Buffer);
            }
        }
    }
}
