using MacRunners.Diagnosis;
using MacRunners.Hosting;
using MacRunners.Platform.Linux;
using MacRunners.Tests.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace MacRunners.Tests.Diagnosis;

public sealed class TokenExaminationTests
{
    [Theory]
    [InlineData("bkct_0123456789abcdef", "0600", "Ok", "a cluster token from")]
    [InlineData("bkua_0123456789abcdef", "0600", "Failed", "a user's API token")]
    [InlineData("bkjat_0123456789abcdef", "0600", "Failed", "the acquisition token of a job")]
    [InlineData("0123456789abcdef", "0600", "Warning", "does not begin with bkct_")]
    [InlineData("bkct_0123456789abcdef", "0644", "Failed", "must have mode 0600")]
    [InlineData("", "0600", "Failed", "does not hold one token")]
    public async Task A_token_is_judged_by_its_file_and_its_beginning_and_never_shown(string text, string mode, string status, string what)
    {
        using var scratch = RootFolder.Create();
        var file = scratch["token"];
        await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32(mode, 8));
        var token = new AgentTokenFile(file, new LinuxFileCalls(), TimeProvider.System, NullLogger<AgentTokenFile>.Instance);

        var finding = Assert.Single(await new TokenExamination(token, file).ExamineAsync(TestContext.Current.CancellationToken));

        Assert.Equal(status, finding.Status.ToString());
        Assert.Contains(what, finding.What);
        Assert.DoesNotContain("0123456789abcdef", finding.What + finding.Remedy);
        Assert.Equal(status == "Ok", finding.Remedy is null);
    }

    [Fact]
    public async Task Without_any_token_it_says_where_one_belongs()
    {
        var finding = Assert.Single(await new TokenExamination(new NoAgentToken(), "nowhere").ExamineAsync(TestContext.Current.CancellationToken));

        Assert.Equal(DoctorStatus.Failed, finding.Status);
        Assert.Contains("Buildkite:TokenFile", finding.Remedy);
    }
}
