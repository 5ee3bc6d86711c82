using MacRunners.Hosting;
using MacRunners.Platform.Linux;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Hosting;

public sealed class PathSafetyTests : IDisposable
{
    private readonly Scratch _scratch = RootFolder.Create();
    private readonly PathSafety _safety = new(new LinuxFileCalls());

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("true")]
    [InlineData("mkdir -p $1/a/b")]
    [InlineData("mkdir $1/a && chmod 0700 $1/a")]
    public void A_folder_that_root_alone_can_change_is_safe(string preparation) => Assert.Empty(Inspect(preparation, "a/b", PathUse.Folder));

    [Theory]
    [InlineData("mkdir -p $1/a/b && chmod 0775 $1/a", "a", "go-w")]
    [InlineData("mkdir -p $1/a/b && chmod 1777 $1/a", "a", "go-w")]
    [InlineData("mkdir -p $1/a/b && chown 12345 $1/a", "a", "chown root")]
    [InlineData("mkdir -p $1/a/b && chown 12345 $1/a/b", "a/b", "chown root")]
    [InlineData("mkdir $1/real && ln -s real $1/a", "a", "path it leads to")]
    [InlineData("touch $1/a", "a", "Correct the path")]
    public void A_folder_that_others_could_change_or_redirect_is_not(string preparation, string component, string remedy)
    {
        var problem = Inspect(preparation, "a/b", PathUse.Folder)[0];
        Assert.Equal(_scratch[component], problem.Component);
        Assert.Contains(remedy, problem.Remedy);
    }

    [Fact]
    public void A_folder_for_homes_must_let_jobs_pass() =>
        Assert.Contains("o+x", Assert.Single(Inspect("mkdir $1/a && chmod 0700 $1/a", "a/b", PathUse.JobFolder)).Remedy);

    [Fact]
    public void The_system_s_folder_for_everybody_is_refused() =>
        Assert.Equal("/tmp", Assert.Single(_safety.Inspect("/tmp/macrunners", PathUse.Folder)).Component);

    [Theory]
    [InlineData("echo x > $1/f && chmod 0755 $1/f")]
    [InlineData("echo x > $1/f && chmod 0711 $1/f")]
    [InlineData("mkdir $1/d && echo x > $1/d/real && chmod 0755 $1/d/real && ln -s d/real $1/f")]
    [InlineData("mkdir $1/d && echo x > $1/real && chmod 0755 $1/real && ln -s ../real $1/d/f && ln -s $1/d/f $1/f")]
    public void A_program_may_be_unreadable_and_stand_behind_links_of_root_s(string preparation) => Assert.Empty(Inspect(preparation, "f", PathUse.Program));

    [Theory]
    [InlineData("true", "does not exist")]
    [InlineData("echo x > $1/f", "cannot be executed")]
    [InlineData("echo x > $1/f && chmod 0744 $1/f", "cannot be executed")]
    [InlineData("touch $1/f && chmod 0755 $1/f", "is empty")]
    [InlineData("mkfifo $1/f && chmod 0755 $1/f", "not a regular file")]
    [InlineData("mkdir $1/f", "is a folder")]
    [InlineData("mkdir $1/d && echo x > $1/d/real && chmod 0755 $1/d/real && chmod 0777 $1/d && ln -s d/real $1/f", "can be changed")]
    [InlineData("ln -s f $1/f", "symbolic link")]
    public void A_program_must_be_there_executable_and_safe(string preparation, string problem) =>
        Assert.Contains(Inspect(preparation, "f", PathUse.Program), found => found.Problem.Contains(problem, StringComparison.Ordinal));

    [Theory]
    [InlineData("echo t > $1/f && chmod 0640 $1/f", "can be read")]
    [InlineData("echo t > $1/f && chmod 0600 $1/f && chown 12345 $1/f", "belongs to user number 12345")]
    [InlineData("echo t > $1/g && chmod 0600 $1/g && ln -s g $1/f", "symbolic link")]
    [InlineData("true", "does not exist")]
    public void A_secret_must_be_root_s_alone_and_no_link(string preparation, string problem) =>
        Assert.Contains(problem, Assert.Single(Inspect(preparation, "f", PathUse.Secret)).Problem);

    private IReadOnlyList<PathProblem> Inspect(string preparation, string path, PathUse use)
    {
        Scratch.Shell(preparation, _scratch.Folder);
        return _safety.Inspect(_scratch[path], use);
    }
}
