using System.Globalization;
using System.IO.Compression;
using MacRunners.Simulator.Messages;
using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Api;

/// <summary>The Agent API's calls about a job's life: acquire by session token, the rest by the job's token.</summary>
internal sealed class JobRoutes(Cluster cluster, Serve.SimulatorOptions options)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var job = routes.MapGroup("/v3/jobs/{id}");
        job.MapPut("/acquire", AcquireAsync);
        job.MapPut("/start", StartAsync);
        job.MapGet("", StateAsync);
        job.MapPost("/chunks", ChunkAsync);
        job.MapPost("/header_times", HeaderTimesAsync);
        job.MapPut("/finish", FinishAsync);
    }

    private Task AcquireAsync(HttpContext context) =>
        context.AnswerAsync(cluster.Acquire(context.Token(), context.PathValue("id")), SimulatorJson.Default.AcquiredJob);

    private async Task StartAsync(HttpContext context)
    {
        var id = context.PathValue("id");
        cluster.RequireJobToken(context.Token(), id);
        var body = await RequestBody.ReadAsync(context);
        body.Timestamp("started_at");
        cluster.Start(context.Token(), id);
        await context.AnswerNothingAsync();
    }

    private Task StateAsync(HttpContext context) => context.AnswerAsync(
        new JobStateAnswer(cluster.StateForAgent(context.Token(), context.PathValue("id"))), SimulatorJson.Default.JobStateAnswer);

    private async Task ChunkAsync(HttpContext context)
    {
        var id = context.PathValue("id");
        cluster.RequireJobToken(context.Token(), id);
        var sequence = (int)QueryNumber(context, "sequence", 1, int.MaxValue);
        var offset = QueryNumber(context, "offset", 0, long.MaxValue);
        var size = QueryNumber(context, "size", 0, options.ChunkMaxSizeBytes);
        var content = await UnzipAsync(context, size);
        cluster.AddChunk(context.Token(), id, sequence, offset, content);
        await context.AnswerNothingAsync(StatusCodes.Status201Created);
    }

    private async Task HeaderTimesAsync(HttpContext context)
    {
        cluster.RequireJobToken(context.Token(), context.PathValue("id"));
        var body = await RequestBody.ReadAsync(context);
        body.StringMap("header_times");
        await context.AnswerNothingAsync();
    }

    private async Task FinishAsync(HttpContext context)
    {
        var id = context.PathValue("id");
        cluster.RequireJobToken(context.Token(), id);
        var body = await RequestBody.ReadAsync(context);
        body.Timestamp("finished_at");
        var failed = body.OptionalInt("chunks_failed_count") ?? 0;
        cluster.FinishByAgent(
            context.Token(), id, ExitStatus(body), NullIfEmpty(body.OptionalString("signal")), NullIfEmpty(body.OptionalString("signal_reason")), failed);
        await context.AnswerNothingAsync();
    }

    /// <summary>The status is text on this route. Refused with 422: at finish older agents repeat on anything else for two days.</summary>
    private static int ExitStatus(RequestBody body)
    {
        if (!body.IsString("exit_status")
            || !int.TryParse(body.String("exit_status"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var status))
        {
            throw RefusedException.Invalid("exit_status has to be a string with an integer in it");
        }

        return status;
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static long QueryNumber(HttpContext context, string name, long minimum, long maximum) =>
        context.Request.Query[name] is [{ } text]
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number >= minimum
        && number <= maximum
            ? number
            : throw RefusedException.Invalid($"{name} has to be a number between {minimum} and {maximum}");

    private static async Task<byte[]> UnzipAsync(HttpContext context, long size)
    {
        if (context.Request.Headers.ContentEncoding is not ["gzip"])
        {
            throw RefusedException.Invalid("A chunk has to be compressed with gzip, and say so in Content-Encoding");
        }

        // One byte more than announced, so that too long a body shows without being read to its end.
        var buffer = new byte[size + 1];
        int length;
        try
        {
            await using var gzip = new GZipStream(context.Request.Body, CompressionMode.Decompress);
            length = await gzip.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted);
        }
        catch (InvalidDataException exception)
        {
            throw RefusedException.Invalid($"The chunk is not gzip: {exception.Message}");
        }

        return length == size
            ? buffer[..length]
            : throw RefusedException.Invalid($"size says {size} bytes, the chunk has {(length > size ? "more" : length.ToString(CultureInfo.InvariantCulture))}");
    }
}
