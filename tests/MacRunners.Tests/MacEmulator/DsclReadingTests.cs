using MacRunners.Platform;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.MacEmulator;

/// <summary>Rows of the contract with dscl that read.</summary>
[Collection(AccountsCollection.Name)]
public sealed class DsclReadingTests(EmulatedCommands mac) : IClassFixture<EmulatedCommands>
{
    private const string NoSuchRecord = "<dscl_cmd> DS Error: -14136 (eDSRecordNotFound)\n";
    private const string NoSuchPath = "<dscl_cmd> DS Error: -14009 (eDSUnknownNodeName)\n";

    [Fact, Trait("certainty", "C"), Trait("row", "D1")]
    public async Task Users_are_listed_one_per_line_sorted_without_regard_to_case_hidden_ones_included()
    {
        var (name, _) = await mac.CreateUserAsync();
        await mac.DsclAsync("-create", $"/Users/{name}", "IsHidden", "1");

        var names = Lines(await mac.DsclAsync("-list", "/Users"));

        Assert.Contains(name, names);
        Assert.Equal(names.Order(StringComparer.OrdinalIgnoreCase), names);
    }

    [Fact, Trait("certainty", "S"), Trait("row", "D2")]
    public async Task Numbers_stand_behind_the_padded_name_and_records_without_one_are_left_out()
    {
        var (name, uid) = await mac.CreateUserAsync();
        var numberless = EmulatedCommands.NewName();
        await mac.DsclAsync("-create", $"/Users/{numberless}");

        var lines = Lines(await mac.DsclAsync("-list", "/Users", "UniqueID"));

        Assert.Contains($"{name}   {uid}", lines);
        Assert.Contains($"{"nobody".PadRight(name.Length + 2)} -2", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith(numberless, StringComparison.Ordinal));
    }

    [Fact, Trait("certainty", "S"), Trait("row", "D3")]
    public async Task Groups_are_listed_in_the_same_way()
    {
        var (name, gid) = (EmulatedCommands.NewName(), TestNumbers.Next());
        await mac.DsclAsync("-create", $"/Groups/{name}", "PrimaryGroupID", $"{gid}");

        Assert.Contains($"{name}   {gid}", Lines(await mac.DsclAsync("-list", "/Groups", "PrimaryGroupID")));
    }

    [Fact, Trait("certainty", "S"), Trait("row", "D4")]
    public async Task A_folder_that_does_not_exist_is_an_invalid_path() =>
        Assert.Equal(new ToolResult(185, "list: Invalid Path\n", NoSuchPath), await mac.DsclAsync("-list", "/Nonsense"));

    [Fact, Trait("certainty", "C"), Trait("row", "D13")]
    public async Task A_whole_record_is_printed_with_native_attributes_first_and_values_with_spaces_on_lines_of_their_own()
    {
        var (name, uid) = await mac.CreateUserAsync();
        await mac.DsclAsync("-create", $"/Users/{name}", "RealName", "MacRunners job 1");
        await mac.DsclAsync("-create", $"/Users/{name}", "IsHidden", "1");

        var lines = Lines(await mac.DsclAsync("-read", $"/Users/{name}"));

        Assert.Equal("dsAttrTypeNative:IsHidden: 1", lines[0]);
        Assert.Contains("AppleMetaNodeLocation: /Local/Default", lines);
        Assert.Contains($"RecordName: {name}", lines);
        Assert.Contains("RecordType: dsRecTypeStandard:Users", lines);
        Assert.Contains($"UniqueID: {uid}", lines);
        Assert.Equal(" MacRunners job 1", lines[Array.IndexOf(lines, "RealName:") + 1]);
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D14")]
    public async Task One_attribute_is_printed_on_one_line()
    {
        var (name, uid) = await mac.CreateUserAsync();

        Assert.Equal(new ToolResult(0, $"UniqueID: {uid}\n", ""), await mac.DsclAsync("-read", $"/Users/{name}", "UniqueID"));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D15")]
    public async Task A_value_with_a_space_stands_on_the_next_line()
    {
        var (name, _) = await mac.CreateUserAsync();
        await mac.DsclAsync("-create", $"/Users/{name}", "RealName", "MacRunners job 1");

        Assert.Equal(new ToolResult(0, "RealName:\n MacRunners job 1\n", ""), await mac.DsclAsync("-read", $"/Users/{name}", "RealName"));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D16")]
    public async Task A_native_attribute_is_printed_with_its_prefix()
    {
        var (name, _) = await mac.CreateUserAsync();
        await mac.DsclAsync("-create", $"/Users/{name}", "IsHidden", "1");

        Assert.Equal(new ToolResult(0, "dsAttrTypeNative:IsHidden: 1\n", ""), await mac.DsclAsync("-read", $"/Users/{name}", "IsHidden"));
    }

    [Fact, Trait("certainty", "S"), Trait("row", "D17")]
    public async Task A_missing_attribute_is_no_failure()
    {
        var (name, _) = await mac.CreateUserAsync();

        Assert.Equal(new ToolResult(0, "", "No such key: NFSHomeDirectory\n"), await mac.DsclAsync("-read", $"/Users/{name}", "NFSHomeDirectory"));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D18")]
    public async Task A_missing_record_cannot_be_read() =>
        Assert.Equal(new ToolResult(56, "", NoSuchRecord), await mac.DsclAsync("-read", "/Users/nobody-at-all", "UniqueID"));

    [Fact, Trait("certainty", "C"), Trait("row", "D19")]
    public async Task A_property_list_has_full_names_and_arrays_of_strings()
    {
        var (name, uid) = await mac.CreateUserAsync();
        await mac.DsclAsync("-create", $"/Users/{name}", "RealName", "A & <B>");

        var result = await mac.RunAsync("/usr/bin/dscl", "-plist", ".", "-read", $"/Users/{name}", "UniqueID", "RealName", "Nothing");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
            <plist version="1.0">
            <dict>
            	<key>dsAttrTypeStandard:RealName</key>
            	<array>
            		<string>A &amp; &lt;B&gt;</string>
            	</array>
            	<key>dsAttrTypeStandard:UniqueID</key>
            	<array>
            		<string>{uid}</string>
            	</array>
            </dict>
            </plist>

            """,
            result.Output);
    }

    [Fact, Trait("certainty", "S"), Trait("row", "readall")]
    public async Task All_records_are_separated_by_a_dash()
    {
        var (name, uid) = await mac.CreateUserAsync();

        var result = await mac.DsclAsync("-readall", "/Users", "RecordName", "UniqueID");

        Assert.Contains($"\n-\nRecordName: {name}\nUniqueID: {uid}\n-\n", result.Output, StringComparison.Ordinal);
    }

    [Fact, Trait("certainty", "S"), Trait("row", "D28")]
    public async Task A_search_prints_each_hit_with_the_values_and_nothing_without_one()
    {
        var (name, uid) = await mac.CreateUserAsync();

        Assert.Equal(new ToolResult(0, $"{name}\t\tUniqueID = (\n    {uid}\n)\n", ""), await mac.DsclAsync("-search", "/Users", "UniqueID", $"{uid}"));
        Assert.Equal(new ToolResult(0, "", ""), await mac.DsclAsync("-search", "/Users", "UniqueID", $"{TestNumbers.Next()}"));
    }

    [Fact, Trait("certainty", "S"), Trait("row", "D30")]
    public async Task A_command_without_its_path_is_a_wrong_use()
    {
        var result = await mac.DsclAsync("-create");

        Assert.Equal(64, result.ExitCode);
        Assert.StartsWith("Too few parameters for create operation\n", result.Error, StringComparison.Ordinal);
    }

    [Fact, Trait("certainty", "S"), Trait("row", "D31")]
    public async Task An_unknown_data_source_is_not_valid() =>
        Assert.Equal(new ToolResult(69, "Data source (elsewhere) is not valid.\n", ""), await mac.RunAsync("/usr/bin/dscl", "elsewhere", "-list", "/Users"));

    [Fact, Trait("certainty", "S"), Trait("row", "D32")]
    public async Task A_batch_goes_on_after_errors_and_always_succeeds()
    {
        var (name, uid) = (EmulatedCommands.NewName(), TestNumbers.Next());
        var commands = $"""
            create /Users/{name} UniqueID {uid}
            delete /Users/nobody-at-all
            -create /Users/{name} RealName "MacRunners 'job' 1"
            read /Users/{name} RealName

            """;

        var result = await mac.RunWithInputAsync(commands, "/usr/bin/dscl", "-q", ".");

        Assert.Equal(new ToolResult(0, "delete: Invalid Path\nRealName:\n MacRunners 'job' 1\n", NoSuchPath), result);
    }

    [Fact, Trait("certainty", "S"), Trait("row", "D33")]
    public async Task An_unknown_command_prints_the_usage_and_succeeds()
    {
        var result = await mac.DsclAsync("-frobnicate", "/Users");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("usage:", result.Output, StringComparison.Ordinal);
    }

    private static string[] Lines(ToolResult result) => result.ExitCode == 0 ? result.Output.TrimEnd('\n').Split('\n') : throw new InvalidOperationException(result.Summary);
}
