using MacRunners.Health;
using MacRunners.Hosting;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace MacRunners.Tests.Hosting;

public sealed class IdleMemoryTests : IDisposable
{
    private const long Needed = 4_000_000;
    private readonly IDispatcherStatus _dispatcher = Substitute.For<IDispatcherStatus>();
    private readonly IdleMemory _memory;
    private long _held = 10 * Needed;
    private int _returns;

    public IdleMemoryTests()
    {
        _memory = new IdleMemory(_dispatcher, new FakeTimeProvider())
        {
            Held = () => _held,
            GiveBack = () =>
            {
                _returns++;
                _held = Needed;
            },
        };
        _dispatcher.RunningJobs.Returns([]);
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void Memory_is_given_back_when_no_job_ran_for_two_looks_in_a_row()
    {
        _memory.Consider();
        Assert.Equal(0, _returns);

        _memory.Consider();
        Assert.Equal(1, _returns);
    }

    [Fact]
    public void Between_jobs_it_is_kept()
    {
        for (var i = 0; i < 5; i++)
        {
            _dispatcher.RunningJobs.Returns([null!]);
            _memory.Consider();
            _dispatcher.RunningJobs.Returns([]);
            _memory.Consider();
        }

        Assert.Equal(0, _returns);
    }

    [Fact]
    public void It_is_not_tried_in_vain_again_and_again()
    {
        _memory.Consider();
        _memory.Consider();
        _held = 2 * Needed;
        _memory.Consider();
        Assert.Equal(1, _returns);

        _held++;
        _memory.Consider();
        Assert.Equal(2, _returns);
    }

    [Fact]
    public void The_collector_really_gives_back()
    {
        using var memory = new IdleMemory(_dispatcher, new FakeTimeProvider());
        var before = GC.GetGCMemoryInfo(GCKind.FullBlocking).Index;

        memory.Consider();
        memory.Consider();

        var last = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        Assert.True(last.Index > before);
        Assert.True(last.Compacted);
    }
}
