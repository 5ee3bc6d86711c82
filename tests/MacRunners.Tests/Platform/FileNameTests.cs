using System.Text;
using MacRunners.Platform;

namespace MacRunners.Tests.Platform;

public class FileNameTests
{
    [Fact]
    public void Names_print_harmlessly()
    {
        Assert.Equal("a\\x0a\\xff\\x5c", FileName.From([.. Encoding.ASCII.GetBytes("a\n"), 0xff, (byte)'\\']).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    public void A_name_is_a_single_component(string name) => Assert.Throws<ArgumentException>(() => FileName.From(Encoding.UTF8.GetBytes(name)));
}
