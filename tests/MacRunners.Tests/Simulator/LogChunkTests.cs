using System.Net;
using System.Text;

namespace MacRunners.Tests.Simulator;

public class LogChunkTests
{
    [Fact]
    public async Task Chunks_out_of_order_and_repeated_make_one_log()
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();

        (await service.ChunkAsync(job, 3, 8, "three")).Expect(HttpStatusCode.Created);
        (await service.ChunkAsync(job, 1, 0, "one ")).Expect(HttpStatusCode.Created);
        (await service.ChunkAsync(job, 1, 0, "one ")).Expect(HttpStatusCode.Created);
        (await service.ChunkAsync(job, 2, 4, "two ")).Expect(HttpStatusCode.Created);

        Assert.Equal("one two three", service.Job(job.Id).Log);
        Assert.True(service.Job(job.Id).LogComplete);
    }

    [Fact]
    public async Task Letters_cut_by_a_chunk_border_are_whole_in_the_log()
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();
        var text = string.Concat(Enumerable.Repeat("Grüße ", 3));
        var bytes = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

        await service.ChunkAsync(job, 1, 0, "ab");
        await service.ChunkAsync(job, 2, 2, text);

        Assert.Equal("ab" + text, service.Job(job.Id).Log);
        Assert.NotEqual(bytes, text);
    }

    [Fact]
    public async Task A_missing_part_shows()
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();

        await service.ChunkAsync(job, 1, 0, "one");
        await service.ChunkAsync(job, 3, 10, "three");

        Assert.Equal("one\n[7 bytes of log missing]\nthree", service.Job(job.Id).Log);
        Assert.False(service.Job(job.Id).LogComplete);
    }

    [Theory]
    [InlineData(1, 0, "other", null)]
    [InlineData(2, 4, "gap", null)]
    [InlineData(2, 2, "overlap", null)]
    [InlineData(5, 2, "overlap", null)]
    [InlineData(2, 3, "size", 5L)]
    [InlineData(2, 3, "size", 3L)]
    [InlineData(0, 3, "sequence", null)]
    [InlineData(2, -3, "offset", null)]
    [InlineData(2, 3, "too large", 102401L)]
    public async Task Chunks_that_contradict_themselves_or_others_are_refused(int sequence, long offset, string text, long? size)
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();
        await service.ChunkAsync(job, 1, 0, "one");

        (await service.ChunkAsync(job, sequence, offset, text, size)).Expect(HttpStatusCode.UnprocessableEntity);

        Assert.Equal("one", service.Job(job.Id).Log);
    }

    [Fact]
    public async Task The_first_chunk_begins_at_the_beginning()
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();

        (await service.ChunkAsync(job, 1, 1, "x")).Expect(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task The_log_has_a_limit()
    {
        await using var service = await Service.StartAsync(options => options with { LogMaxSizeBytes = 8 });
        var job = await service.StartJobAsync();

        (await service.ChunkAsync(job, 1, 0, "12345678")).Expect(HttpStatusCode.Created);
        (await service.ChunkAsync(job, 2, 8, "9")).Expect(HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData(null)]
    public async Task A_body_that_is_not_gzip_is_refused(string? encoding)
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v3/jobs/{job.Id}/chunks?sequence=1&offset=0&size=5");
        request.Headers.TryAddWithoutValidation("Authorization", $"Token {job.Token}");
        request.Content = new StringContent("plain");
        if (encoding is not null)
        {
            request.Content.Headers.ContentEncoding.Add(encoding);
        }

        (await service.SendAsync(request)).Expect(HttpStatusCode.UnprocessableEntity);
    }
}
