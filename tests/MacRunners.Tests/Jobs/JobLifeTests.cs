using MacRunners.Jobs;

namespace MacRunners.Tests.Jobs;

public class JobLifeTests
{
    // The whole table: for each stage, where it may go. Everything else is refused.
    private static readonly Dictionary<JobStage, JobStage[]> Legal = new()
    {
        [JobStage.Reserved] = [JobStage.AccountCreated, JobStage.ProcessesGone, JobStage.Clean, JobStage.Dirty],
        [JobStage.AccountCreated] = [JobStage.AgentStarted, JobStage.ProcessesGone, JobStage.Dirty],
        [JobStage.AgentStarted] = [JobStage.AgentEnded, JobStage.ProcessesGone, JobStage.Dirty],
        [JobStage.AgentEnded] = [JobStage.ProcessesGone, JobStage.Dirty],
        [JobStage.ProcessesGone] = [JobStage.ProcessesGone, JobStage.FilesGone, JobStage.Dirty],
        [JobStage.FilesGone] = [JobStage.ProcessesGone, JobStage.AccountGone, JobStage.Dirty],
        [JobStage.AccountGone] = [JobStage.ProcessesGone, JobStage.Clean, JobStage.Dirty],
        [JobStage.Clean] = [],
        [JobStage.Dirty] = [JobStage.ProcessesGone, JobStage.Dirty],
    };

    private static readonly JobStage[] HappyPath =
    [
        JobStage.AccountCreated, JobStage.AgentStarted, JobStage.AgentEnded,
        JobStage.ProcessesGone, JobStage.FilesGone, JobStage.AccountGone, JobStage.Clean,
    ];

    public static TheoryData<string, string> Pairs()
    {
        var pairs = new TheoryData<string, string>();
        foreach (var from in Enum.GetValues<JobStage>())
        {
            foreach (var to in Enum.GetValues<JobStage>())
            {
                pairs.Add(from.ToString(), to.ToString());
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Every_move_is_either_in_the_table_or_refused(string fromName, string toName)
    {
        var from = Enum.Parse<JobStage>(fromName);
        var to = Enum.Parse<JobStage>(toName);
        var life = At(from);

        if (Legal[from].Contains(to))
        {
            life.Enter(to);
            Assert.Equal(to, life.Stage);
        }
        else
        {
            _ = Assert.Throws<InvalidOperationException>(() => life.Enter(to));
            Assert.Equal(from, life.Stage);
        }
    }

    private static JobLife At(JobStage stage)
    {
        var life = new JobLife(Guid.NewGuid());
        if (stage == JobStage.Dirty)
        {
            life.Enter(JobStage.Dirty);
        }
        else if (stage != JobStage.Reserved)
        {
            foreach (var step in HappyPath.TakeWhile(s => s != stage).Append(stage))
            {
                life.Enter(step);
            }
        }

        return life;
    }
}
