using MacRunners.Platform.MacOS;

namespace MacRunners.Tests.Platform.MacOS;

public class RecordListTests
{
    [Fact]
    public void The_last_blanks_divide_name_and_value()
    {
        const string list = """
            _amavisd                                     83
            bk-6d1a2f3c-7b5e-4d10-9c44-0123456789ab      700001
            com.apple access group                       395
            nobody                                       -2
            root                                         0

            """;

        var records = RecordList.Parse(list, withValues: true);

        Assert.Equal(("com.apple access group", "395"), records[2]);
        Assert.Equal(("nobody", "-2"), records[3]);
        Assert.Equal(700001u, RecordList.Id(records, "bk-6d1a2f3c-7b5e-4d10-9c44-0123456789ab"));
        Assert.Null(RecordList.Id(records, "nobody"));
        Assert.Null(RecordList.Id(records, "bk-6d1a2f3c-7b5e-4d10-9c44-0123456789ac"));
    }

    [Fact]
    public void A_plain_list_is_names_alone() =>
        Assert.Equal([("a name", null), ("b", null)], RecordList.Parse("a name\r\nb\r\n", withValues: false));

    [Fact]
    public void Matches_of_a_search_are_told_from_their_values()
    {
        const string found = "bk-1\t\tPrimaryGroupID = (\n    700001\n)\nstaff\t\tPrimaryGroupID = (\n    700001\n)\n";

        Assert.Equal(["bk-1", "staff"], RecordList.Matches(found));
        Assert.Empty(RecordList.Matches(""));
    }
}
