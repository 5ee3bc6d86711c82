using System.Text;
using MacRunners.Buildkite;

namespace MacRunners.Tests.Buildkite;

public sealed class TextCropTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("abcdefgh", "abcdefgh")]
    [InlineData("abcdefghi", "abcde…")]
    [InlineData("aééé", "aééé")]
    [InlineData("aéééé", "aéé…")]
    [InlineData("😀😀", "😀😀")]
    [InlineData("😀😀a", "😀…")]
    [InlineData("a\0b", "a\ufffdb")]
    public void Eight_bytes_hold_this_much(string text, string cropped) => Assert.Equal(cropped, TextCrop.ToUtf8Bytes(text, 8));

    [Theory]
    [InlineData("abcd", "abcd")]
    [InlineData("abcde", "abc…")]
    [InlineData("😀😀", "😀😀")]
    [InlineData("😀😀a", "😀…")]
    [InlineData("abc😀", "abc…")]
    public void Four_characters_hold_this_much(string text, string cropped) => Assert.Equal(cropped, TextCrop.ToCharacters(text, 4));

    [Fact]
    public void Half_a_surrogate_pair_is_replaced() => Assert.Equal("ab\ufffd", TextCrop.ToUtf8Bytes("ab\ud83d", 8));

    [Fact]
    public void No_text_exceeds_the_limit_or_is_cut_within_a_character()
    {
        var random = new Random(4096);
        string[] pieces = ["a", "é", "€", "😀", "\ud83d", "\0"];
        for (var round = 0; round < 2000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => pieces[random.Next(pieces.Length)]));
            var limit = random.Next(4, 60);
            var cropped = TextCrop.ToUtf8Bytes(text, limit);

            var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
            Assert.True(strict.GetByteCount(cropped) <= limit);
            Assert.True(TextCrop.ToCharacters(text, limit).Length <= limit);
        }
    }
}
