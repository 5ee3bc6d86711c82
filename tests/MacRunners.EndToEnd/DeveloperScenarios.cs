namespace MacRunners.EndToEnd;

/// <summary>What builders of apps need, as jobs and agent hooks find it.</summary>
[Trait("platform", "macos")]
public class DeveloperScenarios
{
    [Fact]
    public async Task A_job_has_the_Xcode_of_the_tag_and_makes_a_keychain_that_ends_with_it()
    {
        await using var worker = await Worker.StartAsync("macos", new Dictionary<string, string> { ["Buildkite:Tags:0"] = "xcode=16.2" });
        var xcode = Directory.CreateDirectory($"{worker.Machine.EmulatorRoot}/Applications/Xcode-16.2.app/Contents/Developer").FullName;
        var program = $"{worker.Machine.DaemonProgram} keychain create --platform macos --root {worker.Machine.EmulatorRoot}";

        var (job, report) = await worker.RunAsync($$"""
            echo "developer=$DEVELOPER_DIR"
            keychain=$({{program}} --name build)
            echo "keychain=$keychain"
            echo "default=$({{worker.Machine.EmulatorRoot}}/usr/bin/security default-keychain -d user | tr -d ' "')"
            {{worker.Machine.EmulatorRoot}}/usr/bin/security unlock-keychain -p "$(cat "$keychain.password")" "$keychain" && echo "unlock=0"
            echo "mode=$(stat -c %a "$keychain.password")"
            {{program}} --name build >/dev/null 2>&1 || echo "again=$?"
            {{program}} --name ../x --identity /nowhere --passphrase-file /nowhere-either 2>&1 | sed 's/^/fault /'
            """);

        Assert.Equal(0, job.ExitStatus);
        Assert.Equal(xcode, Worker.Value(job, "developer"));
        var keychain = Worker.Value(job, "keychain");
        Assert.EndsWith("/Library/Keychains/build.keychain-db", keychain, StringComparison.Ordinal);
        Assert.Equal(keychain, Worker.Value(job, "default"));
        Assert.Equal("0", Worker.Value(job, "unlock"));
        Assert.Equal("600", Worker.Value(job, "mode"));
        Assert.Equal("1", Worker.Value(job, "again"));
        Assert.Equal(3, Worker.Printed(job).Count(line => line.StartsWith("fault ", StringComparison.Ordinal)));
        Assert.True(report["clean"]!.GetValue<bool>());
        Assert.False(File.Exists(keychain));
    }

    [Fact]
    public async Task Root_makes_no_keychain()
    {
        await using var worker = await Worker.InstallAsync("macos");
        using var verb = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(worker.Machine.DaemonProgram, ["keychain", "create"]) { RedirectStandardError = true })!;
        var error = await verb.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await verb.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, verb.ExitCode);
        Assert.Contains("not for root", error);
    }
}
