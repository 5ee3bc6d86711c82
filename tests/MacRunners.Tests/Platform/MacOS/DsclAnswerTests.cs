using MacRunners.Platform;
using MacRunners.Platform.MacOS;

namespace MacRunners.Tests.Platform.MacOS;

public class DsclAnswerTests
{
    private const string Refused = "<main> delete status: eDSPermissionError\n<dscl_cmd> DS Error: -14120 (eDSPermissionError)\n";
    private const string Noise = "objc[4242]: Class X is implemented in both /a and /b\r\n";

    [Theory]
    [InlineData(0, "", "Done")]
    [InlineData(0, "No such key: IsHidden\n", "Done")]
    [InlineData(0, Noise, "Done")]
    [InlineData(56, "<dscl_cmd> DS Error: -14136 (eDSRecordNotFound)\n", "Absent")]
    [InlineData(185, "<dscl_cmd> DS Error: -14009 (eDSUnknownNodeName)\n", "Absent")]
    [InlineData(55, "<main> attribute status: eDSRecordAlreadyExists\n<dscl_cmd> DS Error: -14135 (eDSRecordAlreadyExists)\n", "Taken")]
    [InlineData(40, Refused, "Refused")]
    [InlineData(40, Noise + Refused, "Refused")]
    [InlineData(140, "<main> attribute status: eNotYetImplemented\n<dscl_cmd> DS Error: -14988 (eNotYetImplemented)\n", "Spurious")]
    [InlineData(137, "", "Spurious")]
    [InlineData(140, "", "Failed")]
    [InlineData(0, "<dscl_cmd> DS Error: -14988 (eNotYetImplemented)\n", "Failed")]
    [InlineData(56, "<dscl_cmd> DS Error: -14120 (eDSPermissionError)\n", "Failed")]
    [InlineData(64, "Too few parameters for create operation\n", "Failed")]
    [InlineData(69, "", "Failed")]
    [InlineData(1, "", "Failed")]
    public void Code_and_status_together_tell_what_happened(int exitCode, string error, string meaning) =>
        Assert.Equal(meaning, new DsclAnswer(new ToolResult(exitCode, "", error)).Means.ToString());
}
