using MacRunners.Platform.MacOS;

namespace MacRunners.Tests.Platform.MacOS;

public class PropertyListTests
{
    private const string Captured = """
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
        <plist version="1.0">
        <dict>
        	<key>dsAttrTypeNative:IsHidden</key>
        	<array>
        		<string>1</string>
        	</array>
        	<key>dsAttrTypeStandard:GeneratedUID</key>
        	<array>
        		<string>6D1A2F3C-7B5E-4D10-9C44-0123456789AB</string>
        	</array>
        	<key>dsAttrTypeStandard:RealName</key>
        	<array>
        		<string>A &amp; B &lt;c&gt;</string>
        		<string>second</string>
        	</array>
        </dict>
        </plist>
        """;

    [Theory]
    [InlineData("", "")]
    [InlineData("", "\n\n")]
    [InlineData("objc[1]: Class X is implemented in both\n", "\u0001trailing <junk")]
    public void A_record_is_read_whatever_stands_around_it(string before, string behind)
    {
        var attributes = PropertyList.ReadAttributes(before + Captured + behind);

        Assert.Equal(["6D1A2F3C-7B5E-4D10-9C44-0123456789AB"], attributes["dsAttrTypeStandard:GeneratedUID"]);
        Assert.Equal(["A & B <c>", "second"], attributes["dsAttrTypeStandard:RealName"]);
        Assert.Equal(3, attributes.Count);
    }

    [Fact]
    public void The_byte_that_dscl_cuts_off_is_not_missed() => Assert.Equal(3, PropertyList.ReadAttributes(Captured[..^1] + "\n").Count);

    [Theory]
    [InlineData("")]
    [InlineData("GeneratedUID: 6D1A2F3C")]
    [InlineData("<?xml version=\"1.0\"?><plist><string>x</string></plist>")]
    [InlineData("<?xml version=\"1.0\"?><plist><dict><key>a</key></dict></plist>")]
    [InlineData("<?xml version=\"1.0\"?><plist><dict><key>a</dict></plist>")]
    public void Anything_else_is_refused(string text) => Assert.Throws<FormatException>(() => PropertyList.ReadAttributes(text));

    [Fact]
    public void Entities_of_a_document_type_are_not_expanded()
    {
        const string bomb = "<?xml version=\"1.0\"?><!DOCTYPE plist [<!ENTITY a \"boom\">]><plist><dict><key>k</key><string>&a;</string></dict></plist>";

        Assert.Throws<FormatException>(() => PropertyList.ReadAttributes(bomb));
    }
}
