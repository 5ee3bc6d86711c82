using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

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
        await WriteIdentityAsync(worker.Machine.Folder);

        var (job, report) = await worker.RunAsync($$"""
            echo "developer=$DEVELOPER_DIR"
            macrunners() { {{worker.Machine.DaemonProgram}} "$@" --platform macos --root {{worker.Machine.EmulatorRoot}}; }
            cp {{worker.Machine.Folder}}/signing.* "$HOME"
            made=$(macrunners keychain create --identity "$HOME/signing.p12" --passphrase-file "$HOME/signing.pass")
            rm -f "$HOME/signing.p12" "$HOME/signing.pass"
            {{worker.Machine.EmulatorRoot}}/usr/bin/security find-identity -p codesigning "$made" | sed -n 's/.*"\(.*\)"$/identity=\1/p'
            echo "keychain=$made"
            echo "default=$({{worker.Machine.EmulatorRoot}}/usr/bin/security default-keychain -d user | tr -d ' "')"
            {{worker.Machine.EmulatorRoot}}/usr/bin/security unlock-keychain -p "$(cat "$made.password")" "$made" && echo "unlock=0"
            echo "mode=$(stat -c %a "$made.password")"
            macrunners keychain create --name build >/dev/null 2>&1 || echo "again=$?"
            macrunners keychain create --name ../x --identity /nowhere --passphrase-file /nowhere-either 2>&1 | sed 's/^/fault /'
            """);

        Assert.Equal(0, job.ExitStatus);
        Assert.Equal(xcode, Worker.Value(job, "developer"));
        var keychain = Worker.Value(job, "keychain");
        Assert.EndsWith("/Library/Keychains/build.keychain-db", keychain, StringComparison.Ordinal);
        Assert.Equal(keychain, Worker.Value(job, "default"));
        Assert.Equal("Builder", Worker.Value(job, "identity"));
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

    private static async Task WriteIdentityAsync(string folder)
    {
        const string passphrase = "open \"sesame\"";
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=Builder", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await File.WriteAllBytesAsync(Path.Combine(folder, "signing.p12"), certificate.Export(X509ContentType.Pkcs12, passphrase), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "signing.pass"), passphrase + "\n", TestContext.Current.CancellationToken);
    }
}
