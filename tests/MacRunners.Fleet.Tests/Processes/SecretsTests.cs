using MacRunners.Fleet.Processes;

namespace MacRunners.Fleet.Tests.Processes;

/// <summary>A secret is found however a program writes it. What encoders made of it stands here as they wrote it.</summary>
public sealed class SecretsTests
{
    private const string Secret = "p\"a\\b<c>&d e+f/g%ü\nh";

    [Theory]
    [InlineData("as it is", Secret)]
    [InlineData("Go: json.Marshal", """p\"a\\b\u003cc\u003e\u0026d e+f/g%ü\nh""")]
    [InlineData("Go: json.Marshal, twice", """p\\\"a\\\\b\\u003cc\\u003e\\u0026d e+f/g%ü\\nh""")]
    [InlineData("JavaScript: JSON.stringify, Go without SetEscapeHTML", """p\"a\\b<c>&d e+f/g%ü\nh""")]
    [InlineData("Python: json.dumps", """p\"a\\b<c>&d e+f/g%\u00fc\nh""")]
    [InlineData(".NET: JavaScriptEncoder.Default", """p\u0022a\\b\u003Cc\u003E\u0026d e\u002Bf/g%\u00FC\nh""")]
    [InlineData("Go: url.QueryEscape", "p%22a%5Cb%3Cc%3E%26d+e%2Bf%2Fg%25%C3%BC%0Ah")]
    [InlineData("JavaScript: encodeURIComponent, .NET: EscapeDataString", "p%22a%5Cb%3Cc%3E%26d%20e%2Bf%2Fg%25%C3%BC%0Ah")]
    [InlineData("JavaScript: encodeURI", "p%22a%5Cb%3Cc%3E&d%20e+f/g%25%C3%BC%0Ah")]
    [InlineData("Python: urllib.parse.quote", "p%22a%5Cb%3Cc%3E%26d%20e%2Bf/g%25%C3%BC%0Ah")]
    [InlineData(".NET: UrlEncode", "p%22a%5cb%3cc%3e%26d+e%2bf%2fg%25%c3%bc%0ah")]
    [InlineData("base64", "cCJhXGI8Yz4mZCBlK2YvZyXDvApo")]
    public void A_secret_is_found_in_every_form(string encoder, string form)
    {
        Assert.True(new Secrets([Secret]).Redact($"x=\"{form}\"&y") == "x=\"<redacted>\"&y", encoder);
    }

    [Theory]
    [InlineData("tok/en+1==", "dG9rL2VuKzE9PQ==", "x dG9rL2VuKzE9PQ== y", "x <redacted>== y")]
    [InlineData("??>>~~~~", "Pz8+Pn5+fn4=", "x Pz8%2BPn5%2Bfn4%3D y", "x <redacted>%3D y")]
    public void Also_its_base64_in_an_address(string secret, string encoded, string text, string expected)
    {
        Assert.Equal(encoded, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(secret)));
        Assert.Equal(expected, new Secrets([secret]).Redact(text));
    }

    [Fact]
    public void A_secret_of_several_lines_is_found_line_by_line()
    {
        var secrets = new Secrets(["first line\nsecond line\nend"]);

        Assert.Equal("a <redacted> b", secrets.Redact("a first line b"));
        Assert.Equal("a <redacted> b", secrets.Redact("a second line b"));
        Assert.Equal("the end", secrets.Redact("the end"));
    }

    [Theory]
    [InlineData("p\"a\\b<c>&d e+f/g%u\nh")]
    [InlineData("no secret")]
    [InlineData("")]
    public void What_is_another_text_stays(string text) => Assert.Equal(text, new Secrets([Secret]).Redact(text));

    [Fact]
    public void Without_secrets_everything_stays() => Assert.Equal("short", new Secrets(["", "short"]).Redact("short"));
}
