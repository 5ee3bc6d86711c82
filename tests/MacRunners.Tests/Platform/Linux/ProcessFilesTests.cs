using System.Text;
using MacRunners.Platform.Linux;

namespace MacRunners.Tests.Platform.Linux;

public class ProcessFilesTests
{
    [Theory]
    [InlineData("sleep", "sleep")]
    [InlineData("a) R 1 1 1", "a) R 1 1 1")]
    [InlineData("((\n) Z", "((?) Z")]
    [InlineData("", "")]
    public void A_process_name_cannot_shift_the_start_time(string comm, string shown)
    {
        var stat = $"4242 ({comm}) S 1 4242 4242 0 -1 4194560 93 0 0 0 0 0 0 0 20 0 1 0 7654321 2560000 210 18446744073709551615\n";

        Assert.Equal((7654321ul, shown), ProcessFiles.ParseStat(Encoding.UTF8.GetBytes(stat)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("4242")]
    [InlineData("4242 (sleep")]
    [InlineData("4242 (sleep) S 1 2 3")]
    public void A_stat_cut_short_is_no_process(string stat) => Assert.Null(ProcessFiles.ParseStat(Encoding.UTF8.GetBytes(stat)));

    [Theory]
    [InlineData('S', 1, false)]
    [InlineData('D', 1, false)]
    [InlineData('T', 3, false)]
    [InlineData('Z', 1, true)]
    [InlineData('X', 1, true)]
    [InlineData('Z', 2, false)]
    public void Dead_is_what_no_longer_runs_in_any_thread(char state, int threads, bool dead)
    {
        var status = ProcessFiles.ParseStatus(Status(state, threads));

        Assert.Equal(dead, status?.IsDead);
    }

    [Fact]
    public void All_four_uids_and_the_parent_are_read()
    {
        var status = Assert.NotNull(ProcessFiles.ParseStatus(Status('S', 1)));

        Assert.Equal((77, 1u, 2u, 3u, 4u), (status.ParentPid, status.RealUid, status.EffectiveUid, status.SavedUid, status.FileSystemUid));
    }

    [Fact]
    public void A_status_cut_short_is_no_process()
    {
        var whole = Status('S', 1);

        Assert.Null(ProcessFiles.ParseStatus(whole.AsSpan(0, Encoding.UTF8.GetString(whole).IndexOf("Uid", StringComparison.Ordinal) + 7)));
        Assert.Null(ProcessFiles.ParseStatus([]));
    }

    private static byte[] Status(char state, int threads) => Encoding.UTF8.GetBytes(
        $"Name:\tevil\\nUid:\t0\t0\t0\t0\nUmask:\t0077\nState:\t{state} (whatever)\nTgid:\t88\nPid:\t88\nPPid:\t77\nUid:\t1\t2\t3\t4\nGid:\t9\t9\t9\t9\nThreads:\t{threads}\n");
}
